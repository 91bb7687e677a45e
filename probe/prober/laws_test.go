package prober

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/wire"
)

// again is a connection of a log as it was when it had just been opened.
func (c *connection) again() *connection {
	return &connection{manner: c.manner, ours: c.ours, session: c.session, failure: c.failure, err: c.err, held: c.held, slow: c.slow, slowest: c.slowest}
}

// bounds are how many exchanges each opening round of a connection had, found out by asking for them.
type bounds [][]int

// takeAgain takes a log in again, as it is now: said, opened, tail and ends may have been changed since.
func (r *probed) takeAgain(q *inquiry, log []*connection, openings bounds, n int) {
	for i, c := range log[:n] {
		for _, p := range r.pauses {
			if p.after == i {
				q.paused()
			}
		}
		d := c.again()
		if c.session != nil {
			q.letIn(d)
			for _, size := range openings[i] {
				from := d.opened
				d.opened += size
				d.said = c.said[:d.opened:d.opened]
				q.learn(d, from)
			}
		}
		d.said, d.tail, d.ends = append([]exchange(nil), c.said...), c.tail, c.ends
		q.take(d)
	}
}

// replay has a new inquiry asked at every point of the log what is next, twice. It fails if that is not what was done.
func (r *probed) replay(t *testing.T, seed uint64) (q *inquiry, openings bounds) {
	q = r.fresh()
	for i, c := range r.q.log {
		for _, p := range r.pauses {
			if p.after == i {
				if m := q.next(); m.call != nil || m.pause != p.pause || !reflect.DeepEqual(m, q.next()) {
					t.Errorf("seed %d: before connection %d: %+v, want a pause of %v", seed, i, m, p.pause)
				}
				q.paused()
			}
		}
		if m := q.next(); m.call == nil || *m.call != c.manner || *q.next().call != c.manner {
			t.Errorf("seed %d: connection %d: %+v, want %+v", seed, i, m, c.manner)
			return nil, nil
		}
		d := c.again()
		d.err = nil
		openings = append(openings, nil)
		if c.session != nil {
			if c.session.style != q.style {
				t.Errorf("seed %d: connection %d: style %+v, want %+v", seed, i, q.style, c.session.style)
			}
			q.letIn(d)
			openings[i] = r.converse(t, seed, q, c, d)
		}
		d.err = c.err
		q.take(d)
	}
	for _, p := range r.pauses {
		if p.after == len(r.q.log) {
			q.paused()
		}
	}
	if m := q.next(); m.call != nil || m.pause != 0 {
		t.Errorf("seed %d: at the end: %+v, want nothing", seed, m)
	}
	return q, openings
}

// converse puts the questions of a connection again that was c, as far as they were put.
func (r *probed) converse(t *testing.T, seed uint64, q *inquiry, c, d *connection) (openings []int) {
	for {
		if len(d.said) == len(c.said) && c.err != nil && !errors.Is(c.err, wire.ErrUnasked) {
			return openings // it ended in the middle of a round
		}
		round, more := q.round(d)
		if again, _ := q.round(d); !reflect.DeepEqual(round, again) {
			t.Errorf("seed %d: asked twice: %+v, then %+v", seed, round, again)
		}
		if !more || len(d.said) == len(c.said) {
			if more != (len(d.said) < len(c.said)) && !errors.Is(c.err, wire.ErrUnasked) {
				t.Errorf("seed %d: %d exchanges, want %d", seed, len(d.said), len(c.said))
			}
			return openings
		}
		n := len(d.said)
		for i, put := range round.questions {
			if n+i >= len(c.said) || c.said[n+i].question != put {
				t.Errorf("seed %d: %+v, want it to be put", seed, put)
				return openings
			}
			d.said = append(d.said, c.said[n+i])
		}
		if round.opening {
			d.opened = len(d.said)
			openings = append(openings, len(d.said)-n)
			q.learn(d, n)
		}
		if round.ends > 0 {
			d.tail, d.ends = len(d.said)-round.ends, round.ends
		} else {
			d.tail = max(d.tail, d.opened)
		}
	}
}

// verdictOf judges what an inquiry has heard so far.
func verdictOf(q *inquiry) probe.Verdict {
	if q.first == nil {
		if q.ended != nil && q.ended.spoke {
			return probe.Inconclusive
		}
		return probe.Unreachable
	}
	q.judge()
	return q.res.Verdict
}

func written(r *probe.Result) string {
	c := *r
	c.Started, c.TookMS = time.Time{}, 0
	b, _ := json.Marshal(c)
	return string(b)
}

// TestLaws holds the laws for so many servers, always the same ones: what is random about them comes from their seeds.
func TestLaws(t *testing.T) {
	servers := uint64(400)
	if testing.Short() {
		servers = 100
	}
	ordered := uint64(0)
	for seed := range servers {
		if holdsLaws(t, seed) {
			ordered++
		}
	}
	if ordered < servers/3 {
		t.Errorf("only %d of %d servers had connections to put in another order", ordered, servers)
	}
}

// holdsLaws reports whether the log had connections to put in another order.
func holdsLaws(t *testing.T, seed uint64) bool {
	r := draw(seed).probe(seed)
	if fault := r.fault(); fault != "" {
		t.Errorf("seed %d: %s", seed, fault)
	}
	r.kept(t, seed)
	openings := r.pure(t, seed)
	r.prefixes(t, seed, openings)
	r.named(t, seed, openings)
	r.acceptance(t, seed, openings)
	r.loss(t, seed, openings)
	r.rows(t, seed)
	return r.order(t, seed, openings)
}

// kept: what was heard stands in the log as it was said, whatever was made of it.
func (r *probed) kept(t *testing.T, seed uint64) {
	for i, c := range r.q.log {
		for n := range c.said {
			e := &c.said[n]
			if !e.heard() {
				continue
			}
			meaning, _ := phrasebook.Lookup(e.stage, e.reply)
			if e.local && e.stage == phrasebook.Rcpt {
				meaning = ofLocal(e.reply, meaning)
			}
			if said := e.s.conn.Said(e.reply.Span).String(); e.meaning != meaning || !strings.Contains(said, "S: "+strings.ReplaceAll(e.reply.String(), "\n", "\nS: ")) {
				t.Errorf("seed %d: connection %d: %q is kept as %q, %s, want %s", seed, i, said, e.reply, e.meaning, meaning)
			}
		}
	}
	if !reflect.DeepEqual(unanswered, answer{}) {
		t.Errorf("seed %d: no answer is %+v", seed, unanswered)
	}
}

// pure: a log taken in again from its beginning by a new inquiry of the same plan asks for the same at every point, and
// is judged the same.
func (r *probed) pure(t *testing.T, seed uint64) bounds {
	q, openings := r.replay(t, seed)
	if q == nil {
		return nil
	}
	if q.first == nil {
		q.conclude(q.ended)
	} else {
		q.judge()
	}
	q.res.Vantage = q.vantage
	if got, want := written(q.res), written(r.res); got != want {
		t.Errorf("seed %d: judged\n%s\nwant\n%s", seed, got, want)
	}
	return openings
}

// named: whatever software it is said to be, the verdict and all it rests on are the same, but for causes and fixes.
func (r *probed) named(t *testing.T, seed uint64, openings bounds) {
	defer func() { r.p.MTA = "" }()
	judged := map[string]string{}
	for _, r.p.MTA = range []string{"Exchange", ""} {
		q := r.fresh()
		r.takeAgain(q, r.q.log, openings, len(openings))
		if q.first == nil { // nothing was asked
			return
		}
		q.judge()
		if s := &q.res.Server; r.p.MTA != "" && (s.MTA != r.p.MTA || s.MTABy != probe.Told) {
			t.Errorf("seed %d: %q by %q, want %q as told", seed, s.MTA, s.MTABy, r.p.MTA)
		}
		q.res.Server.MTA, q.res.Server.MTABy = "", ""
		for i := range q.res.Findings {
			q.res.Findings[i].Cause, q.res.Findings[i].Fix = "", ""
		}
		judged[r.p.MTA] = written(q.res)
	}
	if judged[""] != judged["Exchange"] {
		t.Errorf("seed %d: judged\n%s\nas Exchange\n%s", seed, judged[""], judged["Exchange"])
	}
}

// prefixes: closed implies that nothing is left to be asked, so no proper prefix of a log is closed.
func (r *probed) prefixes(t *testing.T, seed uint64, openings bounds) {
	for n := max(0, len(r.q.log)-2); n < len(r.q.log); n++ {
		q := r.fresh()
		r.takeAgain(q, r.q.log, openings, n)
		if v := verdictOf(q); v == probe.Closed {
			t.Errorf("seed %d: closed after %d of %d connections", seed, n, len(r.q.log))
		}
	}
}

// places are the exchanges of a log that are as wanted, in no order.
func (r *probed) places(seed uint64, want func(c *connection, i int) bool) (list [][2]int) {
	for i, c := range r.q.log {
		for j := c.opened; j < len(c.said); j++ {
			if want(c, j) {
				list = append(list, [2]int{i, j})
			}
		}
	}
	rand.New(rand.NewPCG(seed, 3)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// with is a copy of the log in which connection i is another.
func (r *probed) with(i int, change func(c *connection)) []*connection {
	log := slices.Clone(r.q.log)
	c := *log[i]
	c.said = slices.Clone(c.said)
	change(&c)
	log[i] = &c
	return log
}

// foreign reports whether an exchange is one for a stranger in a form that is not suspect.
func (r *probed) foreign(c *connection, j int) bool {
	return c.said[j].first == "" && slices.ContainsFunc(r.q.asks, func(a *ask) bool {
		return a.vector != nil && !a.vector.Suspect && a.envelope == c.said[j].envelope && a.manner == c.manner && a.first == ""
	})
}

// acceptance: an accepted foreign envelope in a form that is not suspect, put once more, never betters the verdict. Where
// it is DATA that is refused, an acceptance before it says nothing (rule 3).
func (r *probed) acceptance(t *testing.T, seed uint64, openings bounds) {
	if r.mta.AtData || r.mta.DataRefuse != "" {
		return
	}
	places := r.places(seed, func(c *connection, j int) bool {
		return r.foreign(c, j) && c.said[j].heard() && !c.said[j].data && j < c.tail
	})
	for _, p := range places[:min(len(places), 2)] {
		log := r.with(p[0], func(c *connection) {
			e := c.said[p[1]]
			e.reply = dialogue.Reply{Code: 250, Lines: []string{"2.1.5 Ok"}, Span: dialogue.Span{At: 0, End: 1}}
			e.stage, e.meaning, e.alone, e.beside, e.atData = phrasebook.Rcpt, phrasebook.Accepted, false, false, nil
			c.said = slices.Insert(c.said, p[1]+1, e)
			c.tail++
		})
		q := r.fresh()
		r.takeAgain(q, log, openings, len(log))
		if v := verdictOf(q); v < r.res.Verdict || v == probe.Closed {
			t.Errorf("seed %d: %v, and %v once %+v is accepted too", seed, r.res.Verdict, v, r.q.log[p[0]].said[p[1]].question)
		}
	}
}

// losses are what a refusal may be replaced by.
var losses = map[string]func(e *exchange){
	"lost": func(e *exchange) { e.answer, e.alone = answer{}, false },
	"421": func(e *exchange) {
		e.reply.Code, e.reply.Lines, e.meaning = 421, []string{"4.3.0 closing"}, phrasebook.Temporary
	},
	"450": func(e *exchange) {
		e.reply.Code, e.reply.Lines, e.meaning = 450, []string{"4.3.0 Try again later"}, phrasebook.Temporary
	},
}

// loss: an exchange lost, a 421 or a 4xx in place of a refusal never betters the verdict. What was accepted in a manner of
// its own is heard only once everything before it is answered, so that such a log is open no more.
func (r *probed) loss(t *testing.T, seed uint64, openings bounds) {
	asUsual := slices.ContainsFunc(r.q.acceptedOnes(), func(a *ask) bool {
		return a.manner == r.q.log[0].manner && !a.vector.Suspect
	})
	places := r.places(seed, func(c *connection, j int) bool { return c.said[j].refused() && !c.said[j].data && j < c.tail })
	for _, p := range places[:min(len(places), 1)] {
		for name, change := range losses {
			log := r.with(p[0], func(c *connection) { change(&c.said[p[1]]) })
			q := r.fresh()
			r.takeAgain(q, log, openings, len(log))
			if v := verdictOf(q); v < r.res.Verdict && (v == probe.Closed || asUsual) {
				t.Errorf("seed %d: %v, and %v with %+v %s", seed, r.res.Verdict, v, r.q.log[p[0]].said[p[1]].question, name)
			}
		}
	}
}

// rows: every row of a closed server has a refusal, or is skipped and said to be.
func (r *probed) rows(t *testing.T, seed uint64) {
	if r.res.Verdict != probe.Closed {
		return
	}
	rows := make(map[string]bool)
	for _, s := range r.res.Coverage.Skipped {
		rows[s.Vector] = true
	}
	for _, a := range r.q.asks {
		if a.vector == nil || a.outcome == probe.OutcomeSkipped {
			continue
		}
		if a.outcome != probe.OutcomeRefused || a.deciding().Code < 400 && a.broken == nil {
			t.Errorf("seed %d: closed, and %s is %s with %q", seed, a.id(), a.outcome, a.deciding())
		}
		rows[a.vector.ID] = true
	}
	for _, v := range r.p.Vectors {
		if !rows[v.ID] {
			t.Errorf("seed %d: closed, and %s is neither refused nor skipped", seed, v.ID)
		}
	}
}

// An honest closed server costs little, whatever it offers.
func TestCost(t *testing.T) {
	for _, m := range []mta{{}, {TLS: true}, {HostOwn: true}, {HostOwn: true, Literal: true, TLS: true}} {
		r := m.probe(1)
		if len(r.q.log) > 17 || r.res.Verdict != probe.Closed {
			t.Errorf("%v: %v after %d connections, want closed after at most 17", m, r.res.Verdict, len(r.q.log))
		}
		for i, c := range r.q.log {
			n := 0
			for j := range c.said {
				if c.said[j].refused() {
					n++
				}
			}
			if n > fullBudget.refusals {
				t.Errorf("%v: %d refusals in connection %d, want at most %d", m, n, i, fullBudget.refusals)
			}
		}
	}
}
