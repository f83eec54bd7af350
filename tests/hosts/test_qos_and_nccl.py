"""Hosts mark and pause as the switches of their fabric do, and NCCL is told only what it cannot find out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from gigasite.design.hosts.nccl import nccl_settings
from gigasite.design.hosts.qos import host_qos
from gigasite.design.policy import FabricPolicy, RoceQos
from tests.design.sites import design, pool

QOS = RoceQos(3, 26, 6, 48, 150.0, 1500.0, 1.0, 0.5, 100, adaptive_routing=True)


def test_the_usual_marks_give_the_usual_traffic_class() -> None:
    found = host_qos(QOS)
    assert found.traffic_class == 106  # the value of countless RoCE guides: DSCP 26, ECN-capable
    assert found.pfc == (0, 0, 0, 1, 0, 0, 0, 0)
    assert found.dscp_to_priority == ()  # 26 / 8 = 3 and 48 / 8 = 6 are the NIC's own mapping


@given(st.integers(0, 63), st.integers(0, 7), st.integers(0, 63), st.integers(0, 7))
def test_one_priority_is_lossless_and_every_mark_leads_to_its_priority(
    dscp: int, priority: int, cnp_dscp: int, cnp_priority: int
) -> None:
    assume(dscp != cnp_dscp)
    found = host_qos(replace(QOS, dscp=dscp, priority=priority, cnp_dscp=cnp_dscp, cnp_priority=cnp_priority))
    mapping = {mark: mark >> 3 for mark in range(64)} | dict(found.dscp_to_priority)
    assert mapping[cnp_dscp] == cnp_priority
    assert mapping[dscp] == priority
    assert [place for place, flag in enumerate(found.pfc) if flag] == [priority]
    assert found.traffic_class >> 2 == dscp
    assert found.traffic_class & 0b11 == 0b10


def test_infiniband_needs_neither_traffic_class_nor_adaptive_routing() -> None:
    compute = design(pool("dgx-h100")).fabrics["compute"]
    found = nccl_settings(compute, ["rdma_rail1", "rdma_rail2"], ["inb1"])
    assert found == {"NCCL_IB_HCA": "=rdma_rail1,rdma_rail2", "NCCL_SOCKET_IFNAME": "=inb1"}


def test_roce_marks_as_the_fabric_does_and_may_arrive_out_of_order_where_switches_spread() -> None:
    compute = design(pool("dgx-h100")).fabrics["compute"]
    roce = replace(compute, technology="ethernet", policy=FabricPolicy("nvue", 9000, qos=QOS))
    found = nccl_settings(roce, ["rdma_rail1"], [])
    assert found["NCCL_IB_TC"] == "106"
    assert found["NCCL_IB_ADAPTIVE_ROUTING"] == "1"
    assert "NCCL_TOPO_FILE" not in found


def test_rails_that_no_switch_joins_are_never_crossed() -> None:
    assert nccl_settings(None, ["rdma_rail1"], [], rails_meet=False)["NCCL_CROSS_NIC"] == "0"


def test_only_a_guest_needs_a_topology_file() -> None:
    assert "NCCL_TOPO_FILE" in nccl_settings(None, ["rdma_rail1"], [], is_guest=True)
