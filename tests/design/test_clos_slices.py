"""Scale-up domains that cannot be built say so."""

from __future__ import annotations

import pytest

from gigasite.design.slices import direct_mesh, switched_domain, torus_slice
from gigasite.errors import GigasiteError


@pytest.mark.parametrize(
    ("shape", "twisted"),
    [((4, 4, 8), True), ((8, 4, 4), True), ((4, 8, 8), True), ((8, 8, 8), False), ((4, 8, 16), False)],
)
def test_a_slice_twists_where_its_sides_are_one_or_two_of_a_length(shape: tuple[int, int, int], twisted: bool) -> None:
    assert torus_slice(shape).twist_supported is twisted


@pytest.mark.parametrize("shape", [(4, 4, 6), (0, 4, 4), (-4, 4, 4)])
def test_a_slice_of_broken_cubes_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(GigasiteError, match="not made of cubes") as raised:
        torus_slice(shape)
    assert raised.value.hint


def test_a_mesh_that_does_not_divide_is_refused() -> None:
    with pytest.raises(GigasiteError, match="evenly over 7 peers"):
        direct_mesh(8, 24, 4, 200, 4)
    with pytest.raises(GigasiteError, match="evenly over 0 peers"):
        direct_mesh(1, 24, 3, 200, 4)


def test_a_domain_with_links_left_over_is_refused() -> None:
    with pytest.raises(GigasiteError, match=r"18 links .* 16 switch chips"):
        switched_domain(72, 18, 8, 2, 1.8)
