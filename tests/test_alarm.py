"""An alarm rings when its time is up, and never where there is no end."""

import math
import time

import pytest

from symloss.alarm import alarm, can_ring


@pytest.mark.parametrize("seconds", [math.inf, 1e300])
def test_no_end(seconds):
    with alarm(seconds, TimeoutError):
        pass


def test_it_rings():
    if not can_ring():
        pytest.skip("this system has no alarms")
    with pytest.raises(TimeoutError), alarm(0.01, TimeoutError):
        time.sleep(5)
