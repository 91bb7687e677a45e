package interception

import (
	"crypto/sha256"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/netaddr"
)

// sight is what a port showed of itself.
type sight struct {
	greeted  bool
	greeting string // without what differs between two servers of one kind
	name     string // the host name in it
	cert     print
}

// print stands for a certificate.
type print [sha256.Size]byte

// none is that of a port that showed no certificate.
var none print

// mostGreeting bounds what is remembered of a greeting.
const mostGreeting = 128

func see(r *probe.Result) sight {
	s := sight{greeted: r.Server.Banner != ""}
	s.greeting, s.name = normalize(r.Server.Banner)
	if r.Server.TLS != nil && r.Server.TLS.Cert != nil {
		c := r.Server.TLS.Cert
		s.cert = sha256.Sum256([]byte(c.Subject + "\x00" + c.Issuer + "\x00" + c.NotAfter.UTC().String()))
	}
	return s
}

// normalize returns a greeting without host names, dates, addresses and numbers, and the first host name in it.
// Its first word is a name, by RFC 5321 4.2.
func normalize(banner string) (greeting, name string) {
	var kept []string
	first := true
	for word := range strings.FieldsSeq(banner) {
		bare := strings.Trim(word, `<>()[]{},;:.!"'`)
		host := netaddr.HostName(bare)
		if host && name == "" {
			name = strings.ToLower(bare)
		}
		if !first && !host && !strings.ContainsAny(bare, "0123456789@") && !ofCalendar(bare) {
			kept = append(kept, word)
		}
		first = false
	}
	greeting = strings.Join(kept, " ")
	return strings.Clone(greeting[:min(len(greeting), mostGreeting)]), strings.Clone(name)
}

// ofCalendar reports whether a word is a day of the week or a month, written out or not.
func ofCalendar(word string) bool {
	if len(word) < 3 {
		return false
	}
	for i := range 12 {
		if strings.HasPrefix(time.Month(1+i).String(), word) || strings.HasPrefix(time.Weekday(i%7).String(), word) {
			return true
		}
	}
	return false
}

// shows reports whether a port shows what the machine on the way does, which may have a certificate.
func (f *found) shows(s sight) bool {
	return s.greeted && s.greeting == f.greeting && (s.cert == none || s.cert == f.cert)
}

// like reports whether two ports of one address may be of one server: they have the certificate in common, or the
// domain of their names. Where one has no name, the greeting tells.
func (s *sight) like(o sight) bool {
	switch {
	case s.cert != none && s.cert == o.cert:
		return true
	case s.name != "" && o.name != "":
		return domainOf(s.name) == domainOf(o.name)
	}
	return s.greeting == o.greeting
}

// domainOf is the end of a host name that its owner's other hosts have too. That all of co.uk have the same only
// makes a stranger look like one of them.
func domainOf(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[strings.LastIndexByte(name[:i], '.')+1:]
	}
	return name
}
