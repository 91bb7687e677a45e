package sockets

import (
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// A table holds connections by their descriptors, the lowest of which the system gives out first. When each
// is out of time stands apart, in one piece, since that is looked through again and again.
type table struct {
	mu     sync.Mutex
	chunks [1024]atomic.Pointer[chunk]
}

const chunkSize = 1024

type chunk struct {
	due  [chunkSize]atomic.Int64 // on the set's clock; 0 = never
	conn [chunkSize]atomic.Pointer[conn]
}

// place is where a descriptor stands.
type place struct {
	*chunk
	i int
}

// place finds, or makes, the place of a descriptor; not ok where there is none for a number so high.
func (t *table) place(fd int) (at place, ok bool) {
	n := fd / chunkSize
	if n >= len(t.chunks) {
		return place{}, false
	}
	if t.chunks[n].Load() == nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.chunks[n].Load() == nil {
			t.chunks[n].Store(new(chunk))
		}
	}
	return place{t.chunks[n].Load(), fd % chunkSize}, true
}

// all lists the connections.
func (t *table) all() iter.Seq[*conn] {
	return func(yield func(*conn) bool) {
		for i := range t.chunks {
			chunk := t.chunks[i].Load()
			for j := 0; chunk != nil && j < chunkSize; j++ {
				if c := chunk.conn[j].Load(); c != nil && !yield(c) {
					return
				}
			}
		}
	}
}

// due lists the connections whose time is over.
func (t *table) due(now time.Duration) iter.Seq[*conn] {
	return func(yield func(*conn) bool) {
		for i := range t.chunks {
			chunk := t.chunks[i].Load()
			for j := 0; chunk != nil && j < chunkSize; j++ {
				due := time.Duration(chunk.due[j].Load())
				if due == 0 || due > now {
					continue
				}
				if c := chunk.conn[j].Load(); c != nil && !yield(c) {
					return
				}
			}
		}
	}
}
