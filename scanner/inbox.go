package scanner

import (
	"slices"
	"sync"
)

// inbox is events that wait for the run, in the order they came about. Nobody waits to put one in.
type inbox struct {
	mail chan struct{} // there is some

	mu     sync.Mutex
	events []event
	spare  []event // for the next ones
}

func (b *inbox) put(e event) {
	b.mu.Lock()
	b.events = append(b.events, e)
	b.mu.Unlock()
	select {
	case b.mail <- struct{}{}:
	default:
	}
}

// take empties the inbox. What it returns is good until the next time; an event that has been dealt with is
// to be cleared there.
func (b *inbox) take() []event {
	b.mu.Lock()
	defer b.mu.Unlock()
	events := b.events
	b.events, b.spare = b.spare[:0], events
	return events
}

// undone are the events that nobody has dealt with, those that were taken among them.
func (b *inbox) undone() []event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Concat(b.spare, b.events), func(e event) bool { return e.job == nil })
}
