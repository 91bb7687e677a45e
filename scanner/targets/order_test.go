package targets

import (
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
)

func TestOrderIsAPermutation(t *testing.T) {
	sizes := []uint64{1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1 << 16, 1<<16 + 1, 100_003}
	for range 50 {
		sizes = append(sizes, 1+rand.Uint64N(5000))
	}
	for _, n := range sizes {
		seed := rand.Uint64()
		o := newOrder(n, seed)
		seen := make([]bool, n)
		for i := range n {
			k := o.at(i)
			if k >= n || seen[k] {
				t.Fatalf("newOrder(%d, %d): %d is out of range or comes twice", n, seed, k)
			}
			seen[k] = true
		}
	}
}

func TestOrderOfLargeNumbers(t *testing.T) {
	for _, n := range []uint64{1 << 32, 1 << 48, 1<<63 + 1, 1<<64 - 1} {
		o := newOrder(n, 1)
		seen := map[uint64]bool{}
		for i := range uint64(10_000) {
			k := o.at(n - 1 - i)
			if k >= n || seen[k] {
				t.Fatalf("newOrder(%d, 1): %d is out of range or comes twice", n, k)
			}
			seen[k] = true
		}
	}
}

func TestOrderDependsOnSeed(t *testing.T) {
	a, b, same := newOrder(1<<16, 1), newOrder(1<<16, 2), 0
	for i := range uint64(1 << 16) {
		if a.at(i) == b.at(i) {
			same++
		}
	}
	if same > 20 {
		t.Errorf("%d of 65,536 places are the same with two seeds", same)
	}
}

// No network is asked in a row: of 256 networks, the next address is in the same one by chance only.
func TestOrderSpreadsOverNetworks(t *testing.T) {
	l, err := Parse([]string{"10.1.0.0/16"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var last netip.Prefix
	inRow, n := 0, 0
	for target, err := range l.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		prefix := netip.PrefixFrom(target.Addr.Addr(), 24).Masked()
		if n++; prefix == last {
			inRow++
		}
		last = prefix
	}
	if n != 1<<16 || inRow > 2*n/256 {
		t.Errorf("%d of %d addresses follow one of the same /24", inRow, n)
	}
}

// The walk over a large network begins at once and stores nothing.
func TestLargeRanges(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l, err := Parse([]string{"10.0.0.0/8", "0.0.0.0/0"}, Options{Authorized: "me", Exclude: []string{"10.1.2.3"}, Ports: []uint16{25, 587}})
	if err != nil {
		t.Fatal(err)
	}
	if n, exact := l.Len(); n != 2*(1<<32-1<<28-3) || !exact {
		t.Errorf("Len is %d, %t", n, exact)
	}
	n := 0
	for target, err := range l.All(t.Context()) {
		if err != nil || untestable(target.Addr.Addr()) != "" || target.Named {
			t.Fatalf("%v, %v", target, err)
		}
		if n++; n == 100_000 {
			break
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if after.HeapAlloc > before.HeapAlloc+64<<10 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
	}
	runtime.KeepAlive(l)
}

func TestShards(t *testing.T) {
	for _, shards := range []int{1, 2, 3, 7, 256, 1000} {
		seen := map[netip.AddrPort]int{}
		for shard := range shards {
			l, err := Parse([]string{"192.0.2.0/24", "2001:db8::/120:26", "10.9.8.7-10.9.9.9"},
				Options{Shard: shard, Shards: shards, Seed: uint64(shard), LookupNetIP: zone{}.lookupNetIP})
			if err != nil {
				t.Fatal(err)
			}
			want, exact := l.Len()
			for target, err := range l.All(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				seen[target.Addr]++
				want--
			}
			if want != 0 || !exact {
				t.Errorf("shard %d of %d: Len is off by %d", shard, shards, int64(want))
			}
		}
		if len(seen) != 256+256+259 {
			t.Errorf("%d shards have %d addresses together", shards, len(seen))
		}
		for addr, n := range seen {
			if n != 1 {
				t.Errorf("%v is in %d of %d shards", addr, n, shards)
			}
		}
	}
}

// The ports of a host that was named stay together.
func TestShardsOfHosts(t *testing.T) {
	specs := []string{"192.0.2.1", "192.0.2.2:25", "192.0.2.3", "192.0.2.2:587", "192.0.2.4:25"}
	home := make(map[netip.Addr]int)
	n := 0
	for shard := range 3 {
		l, err := Parse(specs, Options{Shard: shard, Shards: 3})
		if err != nil {
			t.Fatal(err)
		}
		for target, err := range l.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			if at, ok := home[target.Addr.Addr()]; ok && at != shard {
				t.Errorf("%v is in shard %d, and a port of it in %d", target.Addr, shard, at)
			}
			home[target.Addr.Addr()] = shard
		}
	}
	if n != 9 {
		t.Errorf("%d targets in all, want 9", n)
	}
}

func TestPlus(t *testing.T) {
	tests := []struct {
		addr string
		n    uint64
		want string
	}{
		{"0.0.0.0", 1<<32 - 1, "255.255.255.255"},
		{"192.0.2.255", 1, "192.0.3.0"},
		{"2001:db8::ffff:ffff:ffff:fffe", 3, "2001:db8:0:1::1"},
	}
	for _, test := range tests {
		if got := plus(netip.MustParseAddr(test.addr), test.n); got != netip.MustParseAddr(test.want) {
			t.Errorf("plus(%s, %d) = %v, want %s", test.addr, test.n, got, test.want)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	l, err := Parse([]string{"10.0.0.0/8"}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for range l.All(b.Context()) {
		if n++; n >= b.N {
			break
		}
	}
}
