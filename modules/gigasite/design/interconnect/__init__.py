"""Links to other sites and between fabrics of one site: border switches, circuits, and what distance does to them."""
