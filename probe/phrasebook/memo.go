package phrasebook

import (
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
	return m.recall(&m.exact, said{stage, r.Code, "", r.Text()}, func() Meaning {
		text := plain(r)
		return m.recall(&m.alike, said{stage, r.Code, status(r), text}, func() Meaning {
			meaning, _ := read(stage, r, text)
			return meaning
		})
	})
}

func (m *Memo) recall(known *map[said]Meaning, key said, find func() Meaning) Meaning {
	if len(key.text) > maxText {
		return find()
	}
	m.mu.RLock()
	meaning, ok := (*known)[key]
	m.mu.RUnlock()
	if ok {
		return meaning
	}
	meaning = find()
	m.mu.Lock()
	defer m.mu.Unlock()
	if *known == nil || len(*known) == maxKnown {
		*known = make(map[said]Meaning)
	}
	(*known)[key] = meaning
	return meaning
}
