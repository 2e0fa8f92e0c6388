"""A death at each step × each fault × each class × one and two workers: exhaustively, each with its own outcome."""

from __future__ import annotations

from benchmarks.simulated_store import engine_in_memory
from crosspost.commands.flight import STEPS as ENGINE_STEPS
from crosspost.domain.delivery import DeliveryClass, State
from tests.harness.every_step import ANSWERED, STEPS, Cell, cells, expected, play


def test_every_cell_ends_as_promised() -> None:
    wrong, count, died = [], 0, 0
    with engine_in_memory():
        for cell in cells():
            row, server = play(cell)
            count += 1
            posts = sum(one[0] == row.id for one in server.posts)
            died += "died" in (row.reason or "") or row.epoch > 1
            if (row.state, posts) != expected(cell):
                wrong.append(f"{cell}: {row.state.value} with {posts} posts, {row.reason}; expected {expected(cell)}")
            elif _blind(cell) and server.requests > 1 and cell.fault not in ("later", "token"):
                wrong.append(f"{cell}: {server.requests} requests though nothing could tell what became of the first")
            elif not row.reason:
                wrong.append(f"{cell}: no reason")
    assert count >= 2000
    assert died > count / 3  # the matrix is not idle
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:20])


def test_the_matrix_knows_every_step_of_the_engine() -> None:
    assert set(ENGINE_STEPS) <= set(STEPS)


def test_expectations_differ_where_the_promises_differ() -> None:
    """A rule that said the same of every cell would prove nothing."""
    lost = [expected(Cell(one, True, "lost after", None, 1, 1)) for one in DeliveryClass]
    assert lost == [(State.PUBLISHED, 1)] * 5 + [(State.NEEDS_PERSON, 1)]
    early = expected(Cell(DeliveryClass.BLIND, True, None, "claimed", 1, 1))
    assert early == (State.NEEDS_PERSON, 0)
    assert expected(Cell(DeliveryClass.KEY, True, "refused", None, 1, 1)) == (State.REJECTED, 0)
    assert expected(Cell(DeliveryClass.KEY, True, "refused", "answered", 1, 1)) == (State.PUBLISHED, 1)


def _blind(cell: Cell) -> bool:
    unclear = cell.fault not in ANSWERED
    return unclear and (cell.declared is DeliveryClass.BLIND or not cell.marked)
