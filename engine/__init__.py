"""Rules as a flat program, observations as bit planes, and the two engines that evaluate them."""
