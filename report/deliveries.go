package report

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"openrelay/probe"
)

// ReadDeliveries reads what `openrelay catch` wrote, one delivery a line. Errors name their line, as
// those of Read do.
func ReadDeliveries(r io.Reader) iter.Seq2[probe.Arrival, error] {
	return func(yield func(probe.Arrival, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		n := 1
		for ; lines.Scan(); n++ {
			if len(lines.Bytes()) == 0 {
				continue
			}
			a, err := decodeArrival(lines.Bytes())
			if err != nil {
				err = fmt.Errorf("line %d: %w", n, err)
			}
			if !yield(a, err) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(probe.Arrival{}, fmt.Errorf("line %d: %w", n, err))
		}
	}
}

func decodeArrival(line []byte) (probe.Arrival, error) {
	var a probe.Arrival
	err := json.Unmarshal(line, &a)
	switch {
	case a.Schema > probe.Schema:
		return probe.Arrival{}, fmt.Errorf("written by a newer version (schema %d, this one reads up to %d)", a.Schema, probe.Schema)
	case err != nil:
		return probe.Arrival{}, err
	case a.Schema < 1 || a.Token == "" || a.Target == "":
		return probe.Arrival{}, errors.New("not a delivery: it lacks a schema number, a token or a target")
	}
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
