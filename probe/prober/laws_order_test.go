package prober

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"openrelay/probe"
)

// order: connections in a row that end with the controls of the first, answered as there, may come in any order behind it.
// This is so for questions of vectors that were put once, and not put off. What is put again is put because of an answer
// that came before: a greylist passes, an acceptance is looked at, a claim is left out again (rules 2 to 4 and 7). It
// reports whether there were such connections.
func (r *probed) order(t *testing.T, seed uint64, openings bounds) bool {
	runs, random := r.runs(), rand.New(rand.NewPCG(seed, 4))
	if len(runs) == 0 {
		return false
	}
	for n, shuffle := range []func(int, func(i, j int)){reverse, random.Shuffle, random.Shuffle, random.Shuffle} {
		log, openings := slices.Clone(r.q.log), slices.Clone(openings)
		for _, run := range runs {
			shuffle(run.n, func(i, j int) {
				i, j = run.at+i, run.at+j
				log[i], log[j], openings[i], openings[j] = log[j], log[i], openings[j], openings[i]
			})
		}
		q := r.fresh()
		r.takeAgain(q, log, openings, len(log))
		if verdictOf(q); outcomes(q.res) != outcomes(r.res) {
			t.Errorf("seed %d: in order %d of %v: %s\nwant %s", seed, n, runs, outcomes(q.res), outcomes(r.res))
		}
	}
	return true
}

func reverse(n int, swap func(i, j int)) {
	for i := range n / 2 {
		swap(i, n-1-i)
	}
}

// run is so many connections in a row, from one on, with no pause between them.
type run struct{ at, n int }

// runs are those whose order means nothing, of two or more.
func (r *probed) runs() (list []run) {
	for i, c := range r.q.log {
		switch last := len(list) - 1; {
		case i == 0 || !r.endsAsFirst(c) || !r.putsOnce(c):
		case last >= 0 && list[last].at+list[last].n == i && !slices.ContainsFunc(r.pauses, func(p event) bool { return p.after == i }):
			list[last].n++
		default:
			list = append(list, run{i, 1})
		}
	}
	return slices.DeleteFunc(list, func(r run) bool { return r.n < 2 })
}

// endsAsFirst reports whether a connection ends with the controls that the first was opened with, answered as there.
func (r *probed) endsAsFirst(c *connection) bool {
	w := &r.q.welcome
	return c.ends > 0 && w.welcomed() && r.q.stands(c) == good && !slices.ContainsFunc(c.said[c.tail:c.tail+c.ends], func(e exchange) bool {
		return e.to != w.locals[w.at].to && e.to != r.q.nobody()
	})
}

// putsOnce reports whether a connection puts nothing but questions of vectors that no other puts, and none is put off.
func (r *probed) putsOnce(c *connection) bool {
	again := func(e exchange) bool {
		return slices.ContainsFunc(r.q.log, func(d *connection) bool {
			return d != c && d.manner == c.manner && slices.ContainsFunc(d.said[d.opened:d.tail], func(f exchange) bool { return f.question == e.question })
		})
	}
	control := func(e exchange) bool {
		return slices.ContainsFunc(r.q.asks, func(a *ask) bool { return a.vector == nil && a.manner == c.manner && e.answers(a) })
	}
	return !slices.ContainsFunc(c.said[c.opened:c.tail], func(e exchange) bool {
		return e.reply.Temporary() && !settles(e.meaning) || control(e) || again(e)
	})
}

// outcomes are what a result says, the findings in one order.
func outcomes(r *probe.Result) string {
	list := make([]string, 0, len(r.Findings))
	for _, f := range r.Findings {
		list = append(list, fmt.Sprint(f.Vector, f.Via, f.From, f.To, f.Outcome, f.Proof, f.Reply))
	}
	slices.Sort(list)
	return fmt.Sprint(r.Verdict, r.Reason, r.Proof, list)
}
