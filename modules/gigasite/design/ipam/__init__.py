"""What an IPAM holds already, as entries of a site file."""
