package phrasebook

import (
	"iter"
	"slices"
	"sync"

	"openrelay/probe/dialogue"
)

// Memo is a Lookup that remembers. A scan hears the same few replies over and over, and more often yet
// replies that differ only in the names they repeat. The zero Memo is empty, and it may be used from
// several goroutines.
type Memo struct {
	mu    sync.RWMutex
	exact map[said]Meaning // by the text as it came
	alike map[said]Meaning // by its words, without names
	whose map[said]string  // whose own words it has, by the text as it came
}

// said is a reply at a stage.
type said struct {
	stage  Stage
	code   int
	status string
	text   string
}

// A Memo forgets everything when it is full, and never keeps what is too long to be said often.
const (
	maxKnown = 4096
	maxText  = 256
)

// Lookup is the meaning that [Lookup] finds.
func (m *Memo) Lookup(stage Stage, r dialogue.Reply) Meaning {
	if r.Positive() {
		return Accepted
	}
	return recall(m, &m.exact, said{stage, r.Code, "", r.Text()}, func() Meaning {
		text := plain(r)
		return recall(m, &m.alike, said{stage, r.Code, status(r), text}, func() Meaning {
			meaning, _ := read(stage, r, text)
			return meaning
		})
	})
}

// Speaker names the server whose own words are among what a server answered to MAIL, RCPT and DATA. It returns "" for
// none, and where two servers spoke: then one stands behind the other, or beside it.
func (m *Memo) Speaker(replies iter.Seq[dialogue.Reply]) (mta string) {
	var heard []dialogue.Reply // a server says the same few things over and over
	for r := range replies {
		if slices.ContainsFunc(heard, func(h dialogue.Reply) bool { return h.Code == r.Code && slices.Equal(h.Lines, r.Lines) }) {
			continue
		}
		heard = append(heard, r)
		who := recall(m, &m.whose, said{"", r.Code, "", r.Text()}, func() string { return speaker(r) })
		switch {
		case who == several || who != "" && mta != "" && who != mta:
			return ""
		case who != "":
			mta = who
		}
	}
	return mta
}

func recall[T any](m *Memo, known *map[said]T, key said, find func() T) T {
	if len(key.text) > maxText {
		return find()
	}
	m.mu.RLock()
	is, ok := (*known)[key]
	m.mu.RUnlock()
	if ok {
		return is
	}
	is = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if *known == nil || len(*known) == maxKnown {
		*known = make(map[said]T)
	}
	(*known)[key] = is
	return is
}
