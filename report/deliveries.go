package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"openrelay/probe"
)

// ReadDeliveries reads what `openrelay catch` wrote, one delivery a line. Errors are those of Read.
func ReadDeliveries(r io.Reader) iter.Seq2[probe.Arrival, error] { return read(r, decodeArrival) }

func decodeArrival(line []byte) (probe.Arrival, error) {
	var a probe.Arrival
	err := json.Unmarshal(line, &a)
	switch err := cmp.Or(refuse(line, probe.DeliveryType), err); {
	case err != nil:
		return probe.Arrival{}, err
	case a.Token == "" || a.Target == "":
		return probe.Arrival{}, errors.New("not a delivery: it lacks a token or a target")
	}
	a.Type = probe.DeliveryType
	return a, nil
}

// Caught are messages that came out, to be joined with the results of the scan that sent them.
type Caught struct {
	waiting map[string][]probe.Arrival // by target
}

// NewCaught takes messages in any order.
func NewCaught(arrivals []probe.Arrival) *Caught {
	d := &Caught{waiting: make(map[string][]probe.Arrival)}
	for _, a := range arrivals {
		d.waiting[a.Target] = append(d.waiting[a.Target], a)
	}
	return d
}

// Join adds to a result what was delivered of it, and what follows from that for its verdict.
func (d *Caught) Join(r *probe.Result) {
	var others []probe.Arrival
	for _, a := range d.waiting[r.Target] {
		if !r.Deliver(a) && !r.Knows(a) {
			others = append(others, a)
		}
	}
	d.waiting[r.Target] = others
}

// Unmatched is how many deliveries belong to none of the results joined so far.
func (d *Caught) Unmatched() (n int) {
	for _, list := range d.waiting {
		n += len(list)
	}
	return n
}
