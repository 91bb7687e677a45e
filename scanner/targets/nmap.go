package targets

import (
	"iter"
	"strings"
)

var nmapGreppable = ListForm{
	Name:  "nmap -oG",
	About: "the open TCP ports of each host",
	Sample: "# Nmap 7.93 scan initiated Mon Nov 30 09:00:00 2026 as: nmap -p25,465,587 -oG - 192.0.2.0/24\n" +
		"Host: 192.0.2.25 (mail.example.org)\tStatus: Up\n" +
		"Host: 192.0.2.25 (mail.example.org)\tPorts: 25/open/tcp//smtp///, 465/closed/tcp//smtps///, 587/open/tcp//submission///\n" +
		"# Nmap done at Mon Nov 30 09:00:07 2026 -- 256 IP addresses (1 host up) scanned in 7.21 seconds\n",
	looks: func(head string) bool {
		first := firstLine(head)
		return strings.HasPrefix(first, "Host: ") || first == "" && strings.HasPrefix(head, "# Nmap ")
	},
	read: eachLine(readGreppable),
}

// readGreppable reads a line of nmap -oG: fields with tabs between them, of which Ports has a list of
// port/state/protocol/owner/service/...
func readGreppable(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		if w.text == "" || w.text[0] == '#' {
			return
		}
		host, rest, _ := strings.Cut(w.text, "\t")
		addr, ok := strings.CutPrefix(host, "Host: ")
		if !ok {
			yield(entry{word: w}, w.errorf(howTargets, "is no line of nmap -oG"))
			return
		}
		addr, _, _ = strings.Cut(addr, " ")
		for field := range strings.SplitSeq(rest, "\t") {
			ports, ok := strings.CutPrefix(field, "Ports: ")
			if !ok {
				continue
			}
			for port := range strings.SplitSeq(ports, ", ") {
				parts := strings.SplitN(port, "/", 4)
				if len(parts) < 3 || parts[1] != "open" || parts[2] != "tcp" {
					continue
				}
				if !yield(found(w, addr, parts[0])) {
					return
				}
			}
		}
	}
}
