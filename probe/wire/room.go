package wire

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Room is the memory that the replies of one server may take, on all connections to it: a scan holds a thousand servers
// at once. Of a server that says too much, little is kept of each reply that comes. The zero Room has nothing in it.
type Room struct {
	taken int
	cut   bool // a reply was too long to be kept
}

// Bounds on what is kept, in bytes. Honest servers take some 20 kB, and one that refuses in five lines 70.
const (
	much     = 80 << 10
	lineRoom = 48 // what it takes to remember a line, beside its bytes
)

// share is how much is kept of a reply: usually, and of a server that says too much.
type share struct{ usual, least int }

var (
	ofReply        = share{2 << 10, 256}
	ofIntroduction = share{8 << 10, 1 << 10} // a greeting, or what is listed in reply to EHLO: real lists are under 4 kB
)

func (m *Room) of(s share) int {
	if m.cut || m.taken > much {
		return s.least
	}
	return s.usual
}

// excerpt is what is kept of a reply: its first lines.
type excerpt struct {
	log, texts int // where it begins
	room       int // what is left for it
	more       int // bytes of the reply that are not kept
}

// keep takes in the line that was heard last, as far as there is room. What is kept of a server that says too much is a
// copy: it came in one piece with what is not.
func (c *Conn) keep(e *excerpt, text string) {
	last := &c.log[len(c.log)-1].Data
	size := len(*last)
	free := e.room - lineRoom - (size - len(text))
	switch e.room -= size + lineRoom; {
	case len(text) <= free && !c.room.cut:
		c.texts = append(c.texts, text)
		return
	case len(text) <= free:
		*last = strings.Clone(*last)
	case free > 0:
		for free > 0 && !utf8.RuneStart(text[free]) {
			free--
		}
		*last, e.more, text = (*last)[:len("250-")]+text[:free], len(text)-free, text[:free]
	default:
		*last = ""
		c.log = c.log[:len(c.log)-1]
		e.more += size
		return
	}
	c.texts = append(c.texts, (*last)[min(len("250-"), len(*last)):][:len(text)])
}

// settle ends an excerpt. It says at the end of its last line how much is left out, so that what is kept is a reply as
// well, to whoever reads the transcript. A reply that is not whole goes on behind it.
func (c *Conn) settle(e *excerpt, whole bool) {
	kept := c.log[e.log:][:len(c.texts)-e.texts]
	if e.more > 0 {
		c.room.cut = true
		separator := '-'
		if whole {
			separator = ' '
		}
		line, text := &kept[len(kept)-1].Data, &c.texts[len(c.texts)-1]
		*line = fmt.Sprintf("%s%c%s [%d more bytes are left out]\r\n", (*line)[:3], separator, *text, e.more)
		*text = (*line)[len("250-") : len(*line)-len("\r\n")]
	}
	for i := range kept {
		c.room.taken += len(kept[i].Data) + lineRoom
	}
}
