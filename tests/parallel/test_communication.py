"""Who am I, of how many."""

import pytest

from mycelium.parallel import communication as comm


@pytest.fixture(autouse=True)
def released():
    yield
    comm.release()


ASK = [comm.get_rank, comm.get_group_size, comm.get_local_rank, comm.get_local_rank_size]


@pytest.mark.parametrize("ask", ASK)
def test_an_answer_needs_init(ask):
    with pytest.raises(RuntimeError, match=f"For '{ask.__name__}', distributed communication has not been inited"):
        ask()
    comm.init("nccl")
    assert isinstance(ask(), int)
    assert comm.GlobalComm.WORLD_COMM_GROUP == "nccl_world_group"
    comm.release()
    with pytest.raises(RuntimeError, match=r"call mindspore.communication.init\(\) first"):
        ask()


def test_one_process_is_rank_0_of_1():
    comm.init()
    assert (comm.get_rank(), comm.get_group_size()) == (0, 1)


def test_bad_arguments():
    with pytest.raises(TypeError, match="'backend_name' should be str"):
        comm.init(3)
    with pytest.raises(ValueError, match="'backend_name' should be one of .* but got 'ncl'; did you mean 'nccl'?"):
        comm.init("ncl")
    comm.init()
    with pytest.raises(TypeError, match="'group' should be str"):
        comm.get_rank(3)
    with pytest.raises(ValueError, match="groups of some processes are not implemented by Mycelium yet"):
        comm.get_rank("first_half")
