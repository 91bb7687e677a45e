package targets

import "math/bits"

// order is a shuffled walk over 0 to n-1 that stores nothing: a Feistel network permutes the next
// even power of two, and numbers that fall outside are permuted again until they fall inside (cycle
// walking; Black and Rogaway, "Ciphers with arbitrary finite domains"). Scans need it spread out, not
// secret.
type order struct {
	n    uint64
	half int // bits of half a number
	keys [4]uint64
}

func newOrder(n, seed uint64) order {
	o := order{n: n, half: 1}
	if n > 1 {
		o.half = (bits.Len64(n-1) + 1) / 2
	}
	for i := range o.keys {
		seed += 0x9e3779b97f4a7c15
		o.keys[i] = mix(seed)
	}
	return o
}

// at is the i-th number of the walk; i is less than n. It takes fewer than four rounds on average.
func (o order) at(i uint64) uint64 {
	for {
		if i = o.permute(i); i < o.n {
			return i
		}
	}
}

func (o order) permute(i uint64) uint64 {
	mask := uint64(1)<<o.half - 1
	left, right := i>>o.half, i&mask
	for _, key := range o.keys {
		left, right = right, left^mix(right^key)&mask
	}
	return left<<o.half | right
}

// mix is the finaliser of SplitMix64: every bit of x changes half of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
