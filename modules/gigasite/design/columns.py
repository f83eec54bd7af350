"""The columns of a design's tables, with their types: the contract of whoever reads them."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "racks": {
        "rack": pl.String,  # name
        "kind": pl.String,  # pool | network | core | storage
        "pool": pl.String,
        "su": pl.Int32,  # scalable unit, from 1
        "rack_in_su": pl.Int32,  # from 1
        "hall": pl.Int32,  # from 1; null where it found no place
        "row": pl.Int32,
        "position": pl.Int32,
        "x_m": pl.Float64,
        "y_m": pl.Float64,
        "system": pl.String,  # catalog key of what fills it
        "system_count": pl.Int32,
        "height_u": pl.Int32,
        "used_u": pl.Int32,
        "it_kw": pl.Float64,
        "liquid_kw": pl.Float64,
        "air_kw": pl.Float64,
        "flow_lpm": pl.Float64,  # the larger of curve and facility minimum
        "rack_flow_lpm": pl.Float64,  # what the system's curve asks for
        "weight_kg": pl.Float64,
        "power_set": pl.Int32,  # set of power blocks within the hall, from 1
    },
    "nodes": {
        "node": pl.String,
        "pool": pl.String,
        "su": pl.Int32,
        "slot": pl.Int32,  # slot in the scalable unit, from 1
        "rack": pl.String,
        "unit": pl.Int32,  # lowest rack unit, or the tray's number in a rack-scale system; null: unknown
        "gpu_count": pl.Int32,
        "nvlink_domain": pl.String,
        "spare": pl.Boolean,
        "tenant": pl.String,  # whose the node is alone; null: shared
    },
    "devices": {  # everything with a management port that is not a node: switches, servers, shelves, CDUs
        "device": pl.String,
        "kind": pl.String,  # switch | ocs | ufm | demarcation | management-server | storage |
        # scale-up-switch | rack-equipment | cdu
        "model": pl.String,
        "fabric": pl.String,
        "tier": pl.String,  # leaf | spine | core | border | ocs | scale-up; a dragonfly's switch of a mesh is a leaf
        "plane": pl.Int32,
        "rail": pl.Int32,  # 0: none
        "pool": pl.String,
        "su": pl.Int32,
        "pod": pl.Int32,  # of a dragonfly: the group
        "index": pl.Int32,
        "rack": pl.String,
        "unit": pl.Int32,
        "asn": pl.Int64,
        "port_count": pl.Int32,
    },
    "ports": {  # every used logical port
        "device": pl.String,
        "port": pl.Int32,  # logical port, from 1; 0: the management port of a switch
        "cage": pl.Int32,  # port on the front, from 1
        "lane": pl.Int32,  # part of a split port, from 1
        "module_cage": pl.Int32,  # cage that one module or plug fills, from 1; null: a fixed socket, or unknown
        "cage_port": pl.Int32,  # port of that cage, from 1: a twin-port cage has two
        "site_cage": pl.Int32,  # the cage or socket among all that are used at the site, from 0
        "connector": pl.String,  # catalog key of the cage; null: unknown
        "fabric": pl.String,
        "plane": pl.Int32,
        "gbps": pl.Float64,
        "link": pl.Int64,  # row in cables
    },
    "cables": {  # one row a logical link; links that share a cable share its number
        "cable": pl.Int64,
        "fabric": pl.String,
        "tier": pl.String,  # node-leaf | ufm-leaf | leaf-spine | spine-core | local | global |
        # leaf-border | spine-border | core-border | circuit |
        # leaf-ocs | spine-ocs (fibres to optical circuit switches)
        "plane": pl.Int32,
        "rail": pl.Int32,
        "a_device": pl.String,
        "a_port": pl.Int32,
        "b_device": pl.String,
        "b_port": pl.Int32,
        "gbps": pl.Float64,
        "length_m": pl.Float64,  # null: an end has no place
        "media": pl.String,  # catalog key of the link kind; null: none reaches
        "product": pl.String,  # catalog key of the cable or fibre; null: an end's cage is unknown, or none fits
        "piece": pl.Int64,  # what is pulled: legs of a splitter share its number
        "piece_count": pl.Int32,  # of that product, side by side
    },
    "modules": {  # one row a cage that holds a transceiver
        "device": pl.String,
        "cage": pl.Int32,  # the module cage
        "site_cage": pl.Int32,  # as in ports
        "fabric": pl.String,
        "media": pl.String,  # link kind that it makes
        "product": pl.String,  # catalog key of the transceiver; null: the cage is unknown
        "link_count": pl.Int32,
    },
    "addresses": {
        "device": pl.String,
        "interface": pl.String,
        "fabric": pl.String,
        "use": pl.String,  # host | point-to-point | loopback | vtep | management
        "address": pl.String,  # null: the share of the supernet is exhausted
        "prefix_length": pl.Int32,
        "ipv6": pl.String,  # null: the site has no IPv6 prefix
        "vrf": pl.String,  # null: the default one
    },
    "subnets": {  # networks that several hosts share, each behind one switch
        "fabric": pl.String,
        "owner": pl.String,  # a pool, `storage`, or `infrastructure`
        "su": pl.Int32,
        "use": pl.String,  # host | management
        "device": pl.String,  # the leaf that is its gateway
        "network": pl.String,
        "gateway": pl.String,
        "ipv6_network": pl.String,
        "ipv6_gateway": pl.String,
        "vlan": pl.Int32,  # on that leaf
        "vrf": pl.String,  # null: the default one
    },
    "circuits": {  # one row a cross-connect of an optical circuit switch
        "fabric": pl.String,
        "plane": pl.Int32,
        "ocs": pl.String,
        "ocs_port_a": pl.Int32,  # of the first side, from 1
        "ocs_port_b": pl.Int32,  # of the second side, numbered behind the first
        "a_device": pl.String,  # the switch at the other end of the fibre, and its port
        "a_port": pl.Int32,
        "b_device": pl.String,
        "b_port": pl.Int32,
        "gbps": pl.Float64,
    },
    "domains": {  # one row a scale-up domain
        "domain": pl.String,
        "pool": pl.String,
        "su": pl.Int32,  # of its first node
        "kind": pl.String,  # switched | mesh | torus; null: unknown
        "rack_count": pl.Int32,
        "node_count": pl.Int32,
        "gpu_count": pl.Int32,
        "whole_gpu_count": pl.Int32,  # GPUs that the system joins
        "tray_count": pl.Int32,  # switch trays of a whole domain; 0: its switches are inside the nodes, or it has none
        "chip_count": pl.Int32,  # switch chips of a whole domain
        "links_per_gpu": pl.Int32,
        "gbyte_s_per_gpu": pl.Float64,  # both ways
        "tbyte_s": pl.Float64,  # of all its GPUs, both ways
    },
    "scale_up_links": {  # links of a GPU in its domain, once for all domains of a pool
        "pool": pl.String,
        "gpu": pl.Int32,  # in the domain, from 1
        "node_in_domain": pl.Int32,
        "gpu_in_node": pl.Int32,
        "link": pl.Int32,  # of the GPU, from 1
        "tray": pl.Int32,  # switch tray in the domain, from 1; 0: inside the node; null: a mesh
        "chip": pl.Int32,  # switch chip in the domain, from 1
        "chip_port": pl.Int32,  # place on the chip, from 1: GPUs in order, not the maker's numbering
        "peer": pl.Int32,  # of a mesh: the GPU at the other end
        "peer_link": pl.Int32,
    },
    "rail_networks": {  # of routed hosts, so that one route leads to a rail
        "fabric": pl.String,
        "owner": pl.String,  # a pool
        "rail": pl.Int32,
        "plane": pl.Int32,
        "su": pl.Int32,  # null: the network of all units, in which the others lie
        "network": pl.String,
        "ipv6_network": pl.String,
    },
    "feeds": {  # one row a rack feed
        "feed": pl.String,
        "rack": pl.String,
        "letter": pl.String,  # A, B, ...
        "block": pl.String,  # the block, or the bus of a set whose blocks share one (N, N+k)
        "circuit_count": pl.Int32,  # breakers of this feed: one a power shelf, one a rack otherwise
        "breaker_a": pl.Float64,
        "usable_kw": pl.Float64,  # continuous load of all its circuits
        "supply_kw": pl.Float64,  # rating of the PSUs or shelves of the rack that hang on this feed; null: unknown
        "load_kw": pl.Float64,  # share of the rack in normal operation
        "source": pl.String,  # element that the feed hangs on; null: the rack has no place
    },
    "blocks": {
        "block": pl.String,
        "hall": pl.Int32,
        "power_set": pl.Int32,
        "index": pl.Int32,
        "bus": pl.String,  # what feeds name as their block: its own name, or the bus that it shares
        "unit_kw": pl.Float64,
        "load_kw": pl.Float64,  # normal operation
    },
    "elements": {  # one row an element of the power chain, from the grid connection to the busways
        "element": pl.String,
        # grid-circuit | generation | bess | main-transformer | mv-bus | transformer | generator | lv-board | ups |
        # sts | busway | mechanical-board
        "kind": pl.String,
        "product": pl.String,  # catalog key of its losses and behaviour; null: none
        "hall": pl.Int32,  # null: common to the site
        "block": pl.String,  # the block that it belongs to; null: common
        "room": pl.String,  # fire compartment: what one fire or flood takes
        "control": pl.String,  # control system that it hangs on: a common cause; null: none
        "unit_count": pl.Int32,  # modules or units inside
        "required_count": pl.Int32,  # of them, to carry `capacity_kw`
        "capacity_kw": pl.Float64,  # real power that it gives continuously; null: no limit is known
        "limited_by": pl.String,  # what binds `capacity_kw`, in words
        "rated_kva": pl.Float64,  # name plate of all its units at reference conditions; null: it has none
        "load_kw": pl.Float64,  # output in normal operation
        "loss_kw": pl.Float64,  # at that load
        "level": pl.Int32,  # longest way from a source: sources 0; every connection leads to a higher level
        "is_source": pl.Boolean,  # makes power by itself: grid circuits, generators, generation, grid-forming BESS
    },
    "connections": {  # which element feeds which
        "source": pl.String,
        "target": pl.String,
        "priority": pl.Int32,  # 1: normal operation; 2, 3, ...: taken when all of lower number are dead
        "share_ratio": pl.Float64,  # part of the target's input over this one among live ones of its priority
        "transfer_s": pl.Float64,  # interruption when it takes over; 0: none
    },
    "plant": {  # one row a unit of the cooling plant
        "unit": pl.String,
        # cdu | air-unit | rear-door | immersion-tank | facility-pump | dry-cooler | adiabatic-cooler |
        # cooling-tower | chiller | heat-pump | ...
        "kind": pl.String,
        "product": pl.String,  # catalog key
        "hall": pl.Int32,  # null: common to the site
        "group": pl.String,  # units that back each other up
        "required_count": pl.Int32,  # of the group, to carry its duty
        "capacity_kw": pl.Float64,  # heat that one takes at the site's design point
        "heat_kw": pl.Float64,  # heat that one takes in normal operation at the design point, all units running
        "electric_kw": pl.Float64,  # what one draws then
        "electric_max_kw": pl.Float64,  # what one draws at its capacity
        "on_ups": pl.Boolean,  # rides through the start of generators
        "source": pl.String,  # element that feeds it
        "alternate": pl.String,  # element that feeds it when `source` is dead; null: none
        "leak_zone": pl.String,  # what one leak takes; null: dry
    },
}
