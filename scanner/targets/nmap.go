package targets

import (
	"iter"
	"regexp"
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
	read: framed("# Nmap ", "# Nmap done", readGreppable),
}

// greppedPort is one of the Ports of nmap -oG: port/state/protocol/owner/service/... masscan leaves out the last slash.
var greppedPort = regexp.MustCompile(`^(\d+)/([a-z|]+)/([a-z]+)/.*/.*/.*/`)

// readGreppable reads a line of nmap -oG: fields with tabs between them, of which Ports is a list. Behind a comma there may
// be the rest of a version, too.
func readGreppable(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		if w.text == "" || w.text[0] == '#' {
			return
		}
		line := w.text
		if strings.HasPrefix(line, "Timestamp: ") { // masscan -oG
			_, line, _ = strings.Cut(line, "\t")
		}
		host, rest, _ := strings.Cut(line, "\t")
		addr, ok := strings.CutPrefix(host, "Host: ")
		if !ok {
			yield(entry{word: w}, w.errorf(howTargets, "is no line as nmap -oG writes it"))
			return
		}
		addr, _, _ = strings.Cut(addr, " ")
		for field := range strings.SplitSeq(rest, "\t") {
			name, ports, ok := strings.Cut(field, ": ")
			if !ok || name == "Ports" && !strings.HasSuffix(ports, "/") {
				yield(entry{word: w}, w.errorf(howTargets, "is no whole line of nmap -oG"))
				return
			}
			for port := range strings.SplitSeq(ports, ", ") {
				m := greppedPort.FindStringSubmatch(port)
				if name != "Ports" || m == nil || m[2] != "open" || m[3] != "tcp" {
					continue
				}
				if !yield(found(w, addr, m[1])) {
					return
				}
			}
		}
	}
}

var nmapNormal = ListForm{
	Name:  "nmap -oN",
	About: "the open TCP ports of each host",
	Note:  "What nmap prints on the screen is alike.",
	Sample: `Starting Nmap 7.93 ( https://nmap.org ) at 2026-11-30 09:00 UTC
Nmap scan report for mail.example.org (192.0.2.25)
Host is up (0.0012s latency).
Other addresses for mail.example.org (not scanned): 2001:db8::25

PORT    STATE  SERVICE
25/tcp  open   smtp
465/tcp closed smtps
587/tcp open   submission

Nmap scan report for 192.0.2.26
Host is up (0.0014s latency).

PORT    STATE    SERVICE
25/tcp  filtered smtp
465/tcp open     smtps
587/tcp closed   submission

Nmap done: 256 IP addresses (2 hosts up) scanned in 7.21 seconds
`,
	looks: func(head string) bool {
		return strings.HasPrefix(strings.TrimSpace(head), "Starting Nmap ") || reportOf.MatchString(head) ||
			firstLine(head) == "" && strings.HasPrefix(head, "# Nmap ") && strings.Contains(head, " -oN ")
	},
	read: readNormal,
}

// A report begins with the host, whose address comes last, and has a line for each port. Before version 5 it began with
// other words.
var (
	reportOf = regexp.MustCompile(`(?m)^(?:Nmap scan report for (?:\S+ \()?([^\s()]+)\)?(?: \[.*)?|Interesting ports on (?:\S+ \()?([^\s()]+?)\)?:)\r?$`)
	openPort = regexp.MustCompile(`^([0-9]+)/tcp +open(?: |$)`)
	anyPort  = regexp.MustCompile(`^[0-9]+/[a-z]+ +(?:open|closed|filtered|unfiltered|open\|filtered|closed\|filtered)(?: |$)`)
	cutPort  = regexp.MustCompile(`^[0-9]+(?:/|$)`)
)

func readNormal(t *text) iter.Seq2[entry, error] {
	addr := ""
	return framed("# Nmap ", "# Nmap done", func(w word) iter.Seq2[entry, error] {
		return func(yield func(entry, error) bool) {
			if report := reportOf.FindStringSubmatch(w.text); report != nil {
				addr = report[1] + report[2]
			} else if strings.HasPrefix(w.text, "Nmap scan report for ") {
				addr = "" // what follows is not of the host before
			}
			switch port := openPort.FindStringSubmatch(w.text); {
			case port != nil && addr != "":
				yield(found(w, addr, port[1]))
			case port != nil:
				yield(entry{word: w}, w.errorf(howTargets, "is a port without its host"))
			case cutPort.MatchString(w.text) && !anyPort.MatchString(w.text):
				yield(entry{word: w}, w.errorf(howTargets, "is no whole line of nmap -oN"))
			default:
				readDiscovered(w)(yield) // of nmap -v, or of another program
			}
		}
	})(t)
}
