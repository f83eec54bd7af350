"""What InfiniBand's managers and tools read: OpenSM, UFM, ibdiagnet, ibnetdiscover, ibsim."""
