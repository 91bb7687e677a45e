package targets

import (
	"iter"
	"regexp"
	"strings"
)

var rustscanGreppable = ListForm{
	Name:   "rustscan -g",
	About:  "the open ports of each host",
	Sample: "192.0.2.25 -> [25,587]\n2001:db8::25 -> [25]\n",
	looks:  func(head string) bool { return rustscanLine.MatchString(firstLine(head)) },
	read:   eachLine(readRustscan),
}

var rustscanLine = regexp.MustCompile(`^(\S+) -> \[([0-9, ]*)\]$`)

func readRustscan(w word) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		m := rustscanLine.FindStringSubmatch(strings.TrimSpace(w.text))
		switch {
		case strings.TrimSpace(w.text) == "":
			return
		case m == nil:
			yield(entry{word: w}, w.errorf(howTargets, "is no whole line of rustscan -g"))
			return
		}
		for _, port := range strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' }) {
			if !yield(found(w, m[1], port)) {
				return
			}
		}
	}
}
