package targets

import (
	"iter"
	"regexp"
	"strings"
)

var masscanList = ListForm{
	Name:  "masscan -oL",
	About: "the open TCP ports",
	Sample: "#masscan\n" +
		"open tcp 25 192.0.2.25 1796029200\n" +
		"open tcp 587 192.0.2.26 1796029201\n" +
		"banner tcp 25 192.0.2.25 1796029203 smtp 220 mail.example.org ESMTP\\x0d\\x0a250 HELP\n" +
		"# end\n",
	looks: func(head string) bool {
		first := firstLine(head)
		return masscanBegin.MatchString(first) || first == "" && strings.HasPrefix(head, "#masscan")
	},
	read: framed("#masscan", "# end", readMasscanLine),
}

// masscanLine is a state, a protocol, a port, an address and a time. Where one of them is missing the line breaks off,
// perhaps within the address.
var (
	masscanBegin = regexp.MustCompile(`^(?:open|closed|unknown|banner) [a-z0-9]+ \d+ `)
	masscanLine  = regexp.MustCompile(`^(open|closed|unknown|banner) ([a-z0-9]+) (\d+) (\S+) \d+(?: |$)`)
)

func readMasscanLine(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		m := masscanLine.FindStringSubmatch(w.text)
		switch {
		case w.text == "" || w.text[0] == '#':
		case m == nil:
			yield(entry{word: w}, w.errorf(howTargets, "is no whole line of masscan -oL"))
		case (m[1] == "open" || m[1] == "banner") && m[2] == "tcp":
			yield(found(w, m[4], m[3]))
		}
	}
}

// masscanGreppable has the time before what nmap writes.
var masscanGreppable = ListForm{
	Name:  "masscan -oG",
	About: "the open TCP ports",
	Sample: "# Masscan 1.3.2 scan initiated Mon Nov 30 09:00:00 2026\n" +
		"# Ports scanned: TCP(2;25-25,587-587) UDP(0;) SCTP(0;) PROTOCOLS(0;)\n" +
		"Timestamp: 1796029200\tHost: 192.0.2.25 ()\tPorts: 25/open/tcp//smtp//\n" +
		"Timestamp: 1796029201\tHost: 192.0.2.26 ()\tPorts: 587/open/tcp//submission//\n" +
		"Host: 192.0.2.25 ()\tPort: 25\tService: smtp\tBanner: 220 mail.example.org ESMTP\\x0d\\x0a250 HELP\n" +
		"# Masscan done at Mon Nov 30 09:00:15 2026\n",
	looks: func(head string) bool {
		first := firstLine(head)
		return strings.HasPrefix(first, "Timestamp: ") || first == "" && strings.HasPrefix(head, "# Masscan ")
	},
	read: framed("# Masscan ", "# Masscan done", readGreppable),
}

// discoveredPorts is what masscan prints on the screen, and what the screen of nmap -v has before its report.
var discoveredPorts = ListForm{
	Name:  "masscan",
	About: "what it prints on the screen: the open TCP ports",
	Sample: "Discovered open port 25/tcp on 192.0.2.25                                      \n" +
		"Discovered open port 53/udp on 192.0.2.25                                      \n" +
		"Discovered open port 587/tcp on 192.0.2.26                                     \n",
	looks: func(head string) bool {
		return strings.HasPrefix(head, "Starting masscan ") || discovered.MatchString(firstLine(head))
	},
	read: eachLine(readDiscovered),
}

// discovered may stand behind the rate that masscan keeps writing over.
var discovered = regexp.MustCompile(`(?:^|[\r ])Discovered open port (\d+)/([a-z]+) on (\S+)`)

// foreign begins a line of another list: one that begins with a target is not among them.
var foreign = regexp.MustCompile(`^(?:[{<]|(?:Timestamp: \d+\t)?Host: \S+ \(.*\)\tP|(?:open|banner) tcp \d+ |Discovered )`)

// readDiscovered passes over what says nothing of a port, unless that is of another list.
func readDiscovered(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		ports := discovered.FindAllStringSubmatch(w.text, -1)
		for _, m := range ports {
			if m[2] == "tcp" && !yield(found(w, m[3], m[1])) {
				return
			}
		}
		if ports == nil && (foreign.MatchString(w.text) || w.beginsWithTarget()) {
			w.text = ""
			yield(entry{word: w}, w.errorf(howTargets, "is no line of this list, which nmap or masscan wrote, but may be one of another"))
		}
	}
}

// beginsWithTarget reports whether the first word of a line can be nothing but a target.
func (w word) beginsWithTarget() bool {
	text := strings.TrimLeft(w.text, " \t\"'")
	if end := strings.IndexAny(text, " \t\"',;"); end >= 0 {
		text = text[:end]
	}
	return word{text: text}.certain()
}
