package report

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"openrelay/probe"
	"openrelay/probe/dialogue"
)

// dialogueLines returns a transcript as printable lines, the deciding ones marked by ">". A reply that
// the transcript does not have follows it.
func dialogueLines(f *probe.Finding) (lines []string) {
	from, to := decidingLines(f)
	lines = transcriptLines(f.Transcript, from, to)
	if len(f.Transcript) == 0 {
		lines = append(lines, "  C: MAIL FROM:"+Printable(f.From), "  C: RCPT TO:"+Printable(f.To))
	}
	if from == to && f.Reply != "" {
		for line := range strings.SplitSeq(f.Reply, "\n") {
			lines = append(lines, "> S: "+Printable(line))
		}
	}
	return lines
}

func transcriptLines(t dialogue.Transcript, from, to int) (lines []string) {
	for i, line := range t {
		mark := "  "
		if i >= from && i < to {
			mark = "> "
		}
		lines = append(lines, mark+Printable(line.String()))
	}
	return lines
}

// mostText bounds, in characters, what a hostile name or reply may take in a report that other programs
// set limits to.
const mostText = 200

// clip cuts printable text that is too long.
func clip(s string) string { return clipTo(s, mostText) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > most-3 && utf8.RuneCountInString(s) > most {
			return s[:i] + "..."
		}
	}
	return s
}

// splitOrigin parts "targets.txt:12" into the file and the line.
func splitOrigin(origin string) (file string, line int) {
	i := strings.LastIndexByte(origin, ':')
	if i < 0 {
		return origin, 0
	}
	n, err := strconv.Atoi(origin[i+1:])
	if err != nil || n < 1 {
		return origin, 0
	}
	return origin[:i], n
}

// remark sets what a record says besides in brackets; nothing, where it says nothing.
func remark(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
