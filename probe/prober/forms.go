package prober

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"openrelay/probe"
)

// counted are words, those that occur most first.
type counted struct {
	words []string
	n     map[string]int
}

func (c *counted) add(word string, n int) {
	if c.n == nil {
		c.n = make(map[string]int)
	}
	if c.n[word] == 0 {
		c.words = append(c.words, word)
	}
	c.n[word] += n
}

func (c *counted) sort() {
	slices.SortStableFunc(c.words, func(a, b string) int { return c.n[b] - c.n[a] })
}

// usual is an address in its usual form: <user@domain>, or without a domain.
var usual = regexp.MustCompile(`^<([^<>@%!":,\s]+)(?:@(\[[^\[\]<>@]+\]|[^\[\]<>@%!":,\s]+?))?>$`)

// claimedLogin is an XCLIENT that claims a login: the address beside it is the client's.
var claimedLogin = regexp.MustCompile(`^(?i:XCLIENT) ADDR=(\S+) LOGIN=`)

// findNames finds out who is who in sessions: the server's own names as ever, and in place of ours the sender and the
// recipient that occur most.
func (p *paste) findNames(q *inquiry, all []*overheard) {
	host := ""
	for _, o := range all {
		if s := o.session; host == "" && (s.greeting.Code != 0 || s.ehlo.Code != 0) {
			host = cmp.Or(bannerHost(first(s.greeting.Lines)), bannerHost(first(s.ehlo.Lines)))
		}
	}
	if q.t.Name == "" {
		q.t.Name = host
	}
	q.findNames(host)
	if !q.t.Addr.IsValid() {
		delete(q.names, "own-literal")
	}
	for _, o := range all {
		if m := claimedLogin.FindStringSubmatch(o.claim); m != nil {
			q.names["our-address"] = m[1:]
		}
	}
	p.own = q.names
	p.findNobody(all)
	p.findStrangers(all)
	q.names = p.name(q.names)
}

// findStrangers counts the senders and recipients that are foreign.
func (p *paste) findStrangers(all []*overheard) {
	for _, o := range all {
		for _, m := range o.mails {
			if user, domain := split(m.from); user != "" && domain != "" && !p.isOwn(domain) {
				p.senders.add(m.from, 1+len(m.rcpts))
			}
			for i, r := range m.rcpts {
				if user, domain := split(r.to); user != "" && p.isAbroad(r.to) && !strings.HasSuffix(domain, ".") && !strings.HasSuffix(domain, ".invalid") {
					p.strangers.add(r.to, 1)
					p.alone[envelope{m.from, r.to}] = p.alone[envelope{m.from, r.to}] || i != 1 || len(m.rcpts) != 2
				}
			}
		}
	}
	p.senders.sort()
	p.strangers.sort()
}

// name puts the sender and the recipient of the sessions in the place of ours.
func (p *paste) name(n names) names {
	n = maps.Clone(n)
	if len(p.senders.words) > 0 {
		user, domain := split(p.senders.words[0])
		n["user"], n["from"] = []string{user}, []string{domain}
	}
	for i, to := range p.strangers.words {
		rcpt, domain := split(to)
		if i == 0 {
			n["rcpt"] = []string{rcpt}
			n = n.with("to", domain)
		}
		for _, tld := range topLevels {
			if known := n[tld][0] == "example."+tld; known && strings.HasSuffix(strings.ToLower(domain), "."+tld) {
				n[tld] = []string{domain}
			}
		}
	}
	return n
}

// findNobody finds the unknown user: one that is called so, or was refused as such.
func (p *paste) findNobody(all []*overheard) {
	for _, o := range all {
		for _, m := range o.mails {
			for _, r := range m.rcpts {
				user, _ := split(r.to)
				called := strings.HasPrefix(strings.ToLower(user), "nobody")
				if p.isLocalUser(r.to) && !strings.EqualFold(user, "postmaster") && (called || p.nobody == "" && isUnknownUser(r.reply)) {
					if p.nobody = user; called {
						return
					}
				}
			}
		}
	}
}

// addBrackets puts recipients into brackets where none of the session has them: whoever types by hand leaves them out, and
// that is no form to be tried then (RFC 5321 4.1.2 asks for them, and most servers do not mind).
func addBrackets(session []*overheard) {
	var all []*overheardRcpt
	for _, o := range session {
		for i := range o.mails {
			for j := range o.mails[i].rcpts {
				all = append(all, &o.mails[i].rcpts[j])
			}
		}
	}
	if slices.ContainsFunc(all, func(r *overheardRcpt) bool { return strings.HasPrefix(r.to, "<") }) {
		return
	}
	for _, r := range all {
		r.to = "<" + r.to + ">"
	}
}

// split splits an address in its usual form.
func split(path string) (user, domain string) {
	if m := usual.FindStringSubmatch(path); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// domainOf is the domain of an address in its usual form.
func domainOf(path string) string {
	_, domain := split(path)
	return domain
}

// isOwn reports whether a domain is one of the server's own names; "" is.
func (p *paste) isOwn(domain string) bool {
	return strings.HasPrefix(domain, "[") || containsFold(p.own["own-domain"], domain) || containsFold(p.own["own-host"], domain)
}

// isForeignDomain reports whether a domain is neither one of the server's own names nor below its own domain.
func (p *paste) isForeignDomain(domain string) bool {
	return !p.isOwn(domain) && !slices.ContainsFunc(p.own["own-domain"], func(own string) bool {
		return strings.HasSuffix(strings.ToLower(domain), "."+strings.ToLower(own))
	})
}

// isLocalUser reports whether a recipient is one of the server's own, in its usual form and not one that names a stranger.
func (p *paste) isLocalUser(to string) bool {
	user, domain := split(to)
	if user == "" || !p.isOwn(domain) {
		return false
	}
	return !strings.HasPrefix(strings.ToUpper(user), "IMCEASMTP-")
}

// isAbroad reports whether a recipient ends in a foreign domain, whatever its form.
func (p *paste) isAbroad(to string) bool {
	i := strings.LastIndexByte(to, '@')
	return i >= 0 && strings.LastIndexByte(to, '"') < i && p.isForeignDomain(strings.TrimRight(to[i+1:], ".>"))
}

func (p *paste) isLocal(to string) bool { return !p.isAbroad(to) }

func (p *paste) isForeign(to string) bool { return p.strangers.n[to] > 0 }

// isBeside reports whether a mail asks for a stranger beside a local recipient, where he is asked for alone elsewhere.
func (p *paste) isBeside(m *overheardMail) bool {
	return len(m.rcpts) == 2 && p.isLocalUser(m.rcpts[0].to) && !p.isNobody(m.rcpts[0].to) && p.isForeign(m.rcpts[1].to) && p.alone[envelope{m.from, m.rcpts[1].to}]
}

// recognise leaves of the questions of the table those that were put, and adds what else was.
func (p *paste) recognise(q *inquiry, rows []row) {
	seen := make(map[question]bool)
	unput := func(a *ask) bool {
		again := seen[a.question] // as plain-com, where plain goes to .com
		seen[a.question] = true
		return again || !slices.Contains(p.put, a.question)
	}
	q.asks = slices.DeleteFunc(q.asks, unput)
	q.special = slices.DeleteFunc(q.special, func(a *ask) bool {
		return !slices.Contains(p.put, a.question) || !slices.ContainsFunc(p.rest, func(c *connection) bool { return c.setup == a.setup })
	})
	q.res.Coverage.Skipped = nil
	for i, a := range q.asks {
		if p.mayBeOwn(q, a.to) {
			q.asks[i].vector = asSuspect(a.vector)
		}
	}
	for _, put := range p.put {
		if !slices.ContainsFunc(q.asks, func(a *ask) bool { return a.is(put) }) {
			q.asks = append(q.asks, p.ask(q, rows, put))
		}
	}
}

// is reports whether an ask is a question, in its own words or with another honest sender.
func (a *ask) is(put question) bool {
	return a.question == put || a.to == put.to && a.first == put.first && slices.Contains(a.left().senders, put.from)
}

// ask makes the ask of a question that is in other words than the table's: of the row whose form it has, with the names of
// its own, or of one whose recipient has that form; else of no row.
func (p *paste) ask(q *inquiry, rows []row, put question) *ask {
	for _, whole := range []bool{true, false} {
		for i := range q.p.Vectors {
			v := &q.p.Vectors[i]
			if v.Setup != (probe.Setup{}) || !whole && !v.FormIsPoint() || !p.fits(v, put, whole) {
				continue
			}
			if p.mayBeOwn(q, put.to) {
				v = asSuspect(v)
			}
			a := q.newAsk(v, rows[i], put.envelope)
			a.first, a.local, a.resent = put.first, put.local, !whole
			return a
		}
	}
	v := &probe.Vector{ID: "MAIL FROM:" + put.from + " RCPT TO:" + put.to, Class: probe.Standard, Suspect: put.local || domainOf(put.to) == "", Title: "a form of its own"}
	a := q.newAsk(v, row{rank: 2}, put.envelope)
	a.first, a.local, a.detours = put.first, put.local, &detours{}
	return a
}

// fits reports whether a question has the form of a vector, the sender among it if the whole of it is asked for.
func (p *paste) fits(v *probe.Vector, put question, whole bool) bool {
	said := []string{put.to, put.first}
	templates := []string{v.To, v.First}
	if whole {
		said, templates = append(said, put.from), append(templates, v.From)
	}
	found := make(map[string]string)
	for i, template := range templates {
		pattern, words := p.pattern(template)
		if pattern == nil {
			return false
		}
		m := pattern.FindStringSubmatch(said[i])
		if m == nil {
			return false
		}
		for j, word := range words {
			if was, again := found[word]; again && !strings.EqualFold(was, m[j+1]) {
				return false
			}
			found[word] = m[j+1]
		}
	}
	for word, domain := range found {
		if isForeignWord(word) && (!p.isForeignDomain(domain) || word != "from" && strings.EqualFold(domain, found["from"])) {
			return false // which would be another row
		}
	}
	return true
}

func isForeignWord(word string) bool {
	return slices.Contains(probe.Words(probe.Foreign), word) || slices.Contains(topLevels, word)
}

// pattern is a template as an expression in which its words are groups: an own name is one of the server's, a foreign
// domain any other.
func (p *paste) pattern(template string) (re *regexp.Regexp, words []string) {
	known, ok := p.patterns[template]
	if !ok {
		known.re, known.words = p.compile(template)
		p.patterns[template] = known
	}
	return known.re, known.words
}

// pattern is a template as an expression, with the words that are its groups.
type pattern struct {
	re    *regexp.Regexp // nil where a word stands for nothing here
	words []string
}

func (p *paste) compile(template string) (re *regexp.Regexp, words []string) {
	var b strings.Builder
	b.WriteString("(?i)^")
	before, word, rest, more := cutWord(template)
	for ; more; before, word, rest, more = cutWord(rest) {
		i := slices.IndexFunc(probe.Placeholders, func(h probe.Placeholder) bool { return h.Word == word })
		group := `[^\s<>@%!":,\[\]]+`
		switch probe.Placeholders[i].Kind {
		case probe.Own:
			group = p.ownPattern(word)
		case probe.TopLevel:
			group += `\.` + word
		case probe.Address:
			return nil, nil
		}
		if group == "" {
			return nil, nil
		}
		b.WriteString(regexp.QuoteMeta(before) + "(" + group + ")")
		words = append(words, word)
	}
	b.WriteString(regexp.QuoteMeta(before) + "$")
	return regexp.MustCompile(b.String()), words
}

// ownPattern matches the own names for which a word stands; any address, where the server's is not known.
func (p *paste) ownPattern(word string) string {
	if word == "own-literal" && len(p.own[word]) == 0 {
		return `\[[^\[\]<>@]+\]`
	}
	var quoted []string
	for _, name := range p.own[word] {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return strings.Join(quoted, "|")
}

// mayBeOwn reports whether a foreign domain may be the server's own after all, where nobody said which are: its
// postmaster was asked for, or another one was refused in words about relaying.
func (p *paste) mayBeOwn(q *inquiry, to string) bool {
	user, domain := split(to)
	switch {
	case !p.isForeign(to) || len(q.local.Domains) > 0:
		return false
	case strings.EqualFold(user, "postmaster"):
		return true
	case reserved.MatchString(domain):
		return false
	}
	return slices.ContainsFunc(p.denied, func(other string) bool { return !strings.EqualFold(other, domain) })
}

// reserved are the domains that no server takes mail for, but in examples (RFC 2606 3).
var reserved = regexp.MustCompile(`(?i)^example\.(?:com|net|org)$`)

// asSuspect is a vector of which an acceptance proves nothing by itself.
func asSuspect(v *probe.Vector) *probe.Vector {
	w := *v
	w.Suspect = true
	return &w
}
