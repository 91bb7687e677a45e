package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// colour is a terminal's way to mark text (ECMA-48 SGR).
type colour string

const (
	noColour  colour = ""
	boldRed   colour = "1;31"
	yellow    colour = "33"
	green     colour = "32"
	dim       colour = "2"
	boldPlain colour = "1"
)

// page lays out text in lines. Everything that reaches it is made printable here, so that nothing a
// server said can pass by.
type page struct {
	Options
	b strings.Builder
}

// blocks writes pages one after the other: an empty line sets a block, which has evidence, apart from what
// stands before and after it.
type blocks struct {
	out  output
	last kind
}

// kind is what was written last.
type kind int

const (
	nothing kind = iota
	row
	block
)

func (b *blocks) print(p *page, k kind) error {
	text := p.b.String()
	if text == "" {
		return b.out.err
	}
	if b.last != nothing && (b.last == block || k == block) {
		text = "\n" + text
	}
	b.last = k
	return b.out.write([]byte(text))
}

// The columns. A verdict and a label are as wide as the longest of the usual ones.
const (
	verdictWidth = len("inconclusive  ")
	margin       = 4
	labelWidth   = len("accepted  ")
	minProse     = 20 // narrower columns than this are not worth wrapping to
)

// head writes the first line of a block: verdict, place, why. Where that is too long for the
// terminal, why moves to lines of its own.
func (p *page) head(c colour, verdict, place, why string) {
	verdict, place, why = asLine(verdict), Printable(place), Printable(why)
	p.colour(c, verdict)
	p.b.WriteString(strings.Repeat(" ", max(verdictWidth-width(verdict), 1)))
	p.b.WriteString(place)
	used := max(verdictWidth, width(verdict)+1) + width(place)
	if why != "" && (p.Width == 0 || used+2+width(why) <= p.Width) {
		p.b.WriteString("  " + why + "\n")
		return
	}
	p.b.WriteByte('\n')
	p.prose("", why)
}

// prose writes text under a label, wrapped between words. A newline counts as a space.
func (p *page) prose(label, text string) {
	indent := margin
	if label != "" {
		indent += labelWidth
		label = pad(asLine(label), labelWidth)
	}
	for _, line := range wrap(text, p.Width, indent) {
		p.b.WriteString(strings.Repeat(" ", margin) + label + line + "\n")
		label = strings.Repeat(" ", indent-margin)
	}
}

// whole writes one line under a label as it is, however long.
func (p *page) whole(label, text string) {
	if text != "" {
		p.b.WriteString(noCommand(strings.Repeat(" ", margin)+pad(label, labelWidth)+Printable(text)) + "\n")
	}
}

// steps writes text under a label, a paragraph for each line of it. Lines that begin with two spaces
// are to be pasted, so they stay as they are, however long.
func (p *page) steps(label, text string) {
	const blank = " "
	for line := range strings.SplitSeq(text, "\n") {
		code, ok := strings.CutPrefix(line, "  ")
		if !ok || strings.TrimSpace(code) == "" {
			p.prose(label, line)
		} else {
			p.b.WriteString(strings.Repeat(" ", margin) + pad(Printable(label), labelWidth) + "  " + asLine(code) + "\n")
		}
		if strings.TrimSpace(line) != "" {
			label = blank
		}
	}
}

// evidence writes one line as it is, however long: nothing of what was said is cut. The deciding
// ones are marked.
func (p *page) evidence(line string, deciding bool) {
	if !deciding {
		p.b.WriteString("      " + Printable(line) + "\n")
		return
	}
	p.b.WriteString("    > ")
	p.colour(boldPlain, Printable(line))
	p.b.WriteByte('\n')
}

// remark writes a line of minor news.
func (p *page) remark(text string) { p.sentence(dim, text) }

// sentence writes a line, wrapped between words. What follows of it is indented, so that nobody can
// have words of his own begin a line.
func (p *page) sentence(c colour, text string) {
	for i, line := range wrap(text, p.Width, margin) {
		if i > 0 {
			p.b.WriteString(strings.Repeat(" ", margin))
		}
		p.colour(c, line)
		p.b.WriteByte('\n')
	}
}

func (p *page) colour(c colour, s string) {
	if !p.Colour || c == noColour {
		p.b.WriteString(s)
		return
	}
	p.b.WriteString("\x1b[" + string(c) + "m" + s + "\x1b[0m")
}

// wrap breaks text into printable lines that fit between indent and columns; 0 columns have room for
// everything. A word that is too long gets a line of its own, whole. No line begins with "::".
func wrap(text string, columns, indent int) []string {
	room := max(columns-indent, minProse)
	var lines []string
	for _, word := range strings.Fields(text) {
		word = Printable(word)
		if last := len(lines) - 1; last >= 0 && (columns == 0 || width(lines[last])+1+width(word) <= room) {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, noCommand(word))
	}
	return lines
}

// width counts the columns of printable text: a Chinese character has two, an accent of its own none
// (UAX 11 and 29).
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// pad fills printable text up to a number of columns.
func pad(s string, columns int) string { return s + strings.Repeat(" ", max(columns-width(s), 0)) }
