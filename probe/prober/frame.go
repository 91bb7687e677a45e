package prober

import (
	"slices"
	"strings"

	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// frame finds the controls with which a connection was opened and ended, and learns what they tell.
func (p *paste) frame(q *inquiry, c *connection) {
	if c.account {
		return
	}
	if c.setup == nil || p.claims {
		for c.opened < len(c.said) && p.isControl(&c.said[c.opened]) {
			c.opened++
		}
		p.learn(q, c)
	}
	end := len(c.said)
	for end > 0 && c.said[end-1].data {
		end--
	}
	if end < len(c.said) && end > 1 && q.plain != nil && c.said[end-1].question == q.plain.question && p.isControl(&c.said[end-2]) && c.said[end-1].nth > c.said[end-2].nth {
		end-- // the plain question before what is proved
	}
	c.tail = end
	for c.tail > 0 && p.isEnding(q, c, c.tail-1) {
		c.tail--
	}
	if c.ends = end - c.tail; c.ends == 0 {
		c.tail = c.opened
	}
	c.opened = min(c.opened, c.tail)
}

// learn takes in what the controls tell, wherever they stand: each sender by itself.
func (p *paste) learn(q *inquiry, c *connection) {
	for from := 0; from < c.opened; {
		end := from + 1
		for end < c.opened && c.said[end].from == c.said[from].from {
			end++
		}
		q.learnFrom(c, from, end)
		from = end
	}
	for i := c.opened; i < len(c.said); i++ {
		if e := &c.said[i]; e.accepted() && p.isControl(e) && !e.data && (!q.welcome.welcomed() || p.isNobody(e.to) && q.welcome.nobody == nil) {
			q.learnFrom(c, i, i+1)
		}
	}
}

// isEnding reports whether an exchange is a control that shows how we stand behind the refusals: the local recipient, the
// unknown user, or the plain question once more.
func (p *paste) isEnding(q *inquiry, c *connection, i int) bool {
	w, e := &q.welcome, &c.said[i]
	switch {
	case e.first != "" || e.data:
		return false
	case w.welcomed() && e.to == w.locals[w.at].to, w.nobody != nil && e.to == w.nobody.to:
		return true
	case q.plain == nil || e.question != q.plain.question || w.welcomed() && w.full() || i == 0 && len(q.log) == 0:
		return false
	}
	last := i == len(c.said)-1 || c.said[i+1].data
	for _, before := range append(slices.Clip(q.log), &connection{said: c.said[:i]}) {
		for j := range before.said {
			if was := &before.said[j]; last && was.question == e.question && was.heard() {
				return true
			}
		}
	}
	return false
}

// isControl reports whether an exchange is about a recipient of the server's own, or the unknown user.
func (p *paste) isControl(e *exchange) bool {
	return e.first == "" && (p.isLocalUser(e.to) || p.isNobody(e.to) && p.isLocal(e.to))
}

// isNobody reports whether a recipient is the unknown user, under any name.
func (p *paste) isNobody(to string) bool {
	place, found := strings.CutPrefix(to, "<"+p.nobody)
	return found && p.nobody != "" && (place == ">" || strings.HasPrefix(place, "@"))
}

// isUnknownUser reports a refusal of a recipient who is unknown.
func isUnknownUser(r dialogue.Reply) bool {
	m, _ := phrasebook.Lookup(phrasebook.Rcpt, r)
	return r.Code >= 500 && ofLocal(r, m) == phrasebook.RecipientUnknown
}
