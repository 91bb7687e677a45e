package main

import "testing"

func TestMayGrow(t *testing.T) {
	const mb = 1 << 20
	for _, tc := range []struct {
		live, roots uint64
		want        int
	}{
		{0, 0, mostGrowth}, // nothing was collected yet
		{1 * mb, 1*mb + mb/2, mostGrowth},
		{12 * mb, 20 * mb, 160}, // up to 44 MB
		{32 * mb, 44 * mb, leastGrowth},
		{44 * mb, 60 * mb, leastGrowth},
		{400 * mb, 500 * mb, leastGrowth},
	} {
		if got := mayGrow(tc.live, tc.roots); got != tc.want {
			t.Errorf("%d MB alive of %d: %d %%, want %d", tc.live/mb, tc.roots/mb, got, tc.want)
		}
	}
}
