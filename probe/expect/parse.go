package expect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"openrelay/probe"
	"openrelay/probe/words"
)

// Error is a mistake in an expectation, or two lines that contradict each other.
type Error struct {
	Msg string
	Try string // of a mistake: the expectation that was probably meant
}

func (e *Error) Error() string { return e.Msg }

// Hint says what would work instead. That of Parse is an expectation, as near to what was written as can be told.
func (e *Error) Hint() string { return e.Try }

// Parse reads an expectation, in one of the Forms. An error is an *Error. Every word but the names of vantages and the
// reason why may be written in capitals too.
func Parse(text string) (probe.Expectation, error) {
	var p parser
	p.read(strings.Fields(text))
	if p.mistake != "" {
		return probe.Expectation{}, &Error{p.mistake, p.e.String()}
	}
	return p.e, nil
}

// parser reads on behind a mistake, with what was probably meant in its place, so that e is the hint.
type parser struct {
	e       probe.Expectation
	mistake string // the first
}

func (p *parser) wrong(format string, args ...any) {
	p.mistake = cmp.Or(p.mistake, fmt.Sprintf(format, args...))
}

// The words that are known: what begins a form, the reasons of inconclusive, the vectors, and what begins a clause
// behind the vectors of open.
var (
	verdicts = namesOf(Forms, func(f Form) string { return f.Verdict.String() })
	reasons  = namesOf(words.OfReasons(probe.Inconclusive), func(e words.Entry) string { return e.Word })
	vectors  = namesOf(probe.Vectors, func(v probe.Vector) string { return v.ID })
	clauses  = []string{"at", "until", "because"}
)

func namesOf[T any](rows []T, name func(T) string) (names []string) {
	for _, row := range rows {
		names = append(names, name(row))
	}
	return names
}

func (p *parser) read(text []string) {
	if len(text) == 0 {
		p.wrong("it is not said what is expected")
		text = []string{Forms[0].Example}
	}
	form := p.form(text[0])
	p.e.Verdict = form.Verdict
	if form.Verdict == probe.Open {
		p.open(text[1:])
		return
	}
	rest := text[1:]
	if i := slices.IndexFunc(rest, isClause); i >= 0 {
		p.wrong("%q belongs to open, and not to %s", rest[i], form.Verdict)
		rest = rest[:i]
	}
	if form.Verdict == probe.Inconclusive {
		rest = p.reason(rest)
	}
	if len(rest) > 0 {
		p.wrong("%q is too much: the form is %s", strings.Join(rest, " "), form.Form)
	}
}

func isClause(word string) bool { return slices.Contains(clauses, strings.ToLower(word)) }

// form finds the row that a verdict begins.
func (p *parser) form(word string) Form {
	verdict := p.known(word, "what can be expected", verdicts, strings.Join(verdicts, ", "))
	return Forms[max(0, slices.Index(verdicts, verdict))]
}

// known is the word of a list that is written, or was meant; "" where that cannot be told.
func (p *parser) known(word, what string, list []string, there string) string {
	low := strings.ToLower(word)
	if slices.Contains(list, low) {
		return low
	}
	near := words.Nearest(low, list)
	if near != "" {
		p.wrong("%q is not %s, did you mean %q?", word, what, near)
	} else {
		p.wrong("%q is not %s: %s", word, what, there)
	}
	return near
}

// reason reads the reason of inconclusive, and returns what is behind it.
func (p *parser) reason(text []string) []string {
	if len(text) == 0 {
		p.wrong("inconclusive needs its reason")
		text = reasons[:1]
	}
	p.e.Reason = probe.Reason(cmp.Or(p.known(text[0], "a reason of inconclusive", reasons, strings.Join(reasons, ", ")), reasons[0]))
	return text[1:]
}

// open reads what follows open.
func (p *parser) open(text []string) {
	parts := p.split(text)
	for _, id := range list(parts[""]) {
		if id = p.known(id, "a vector", vectors, "openrelay vectors lists them"); id != "" && !slices.Contains(p.e.Vectors, id) {
			p.e.Vectors = append(p.e.Vectors, id)
		}
	}
	if len(p.e.Vectors) == 0 {
		p.wrong("open needs the vectors that may be accepted")
		p.e.Vectors = vectors[:1]
	}
	at, vantages := parts["at"]
	p.e.At = list(at)
	if vantages && len(p.e.At) == 0 {
		p.wrong("at needs the name of a vantage")
	}
	until, dated := parts["until"]
	switch {
	case dated:
		p.e.Until = p.day(strings.Join(until, " "))
	case len(p.e.At) == 0:
		p.wrong("open needs a last day before its reason: until DATE")
		p.e.Until = exampleDay
	}
	p.e.Because = p.why(strings.Join(parts["because"], " "))
}

// split cuts what follows open at the words that begin a clause; because is the last. The vectors are under "".
func (p *parser) split(text []string) map[string][]string {
	parts, clause := map[string][]string{}, ""
	for i, word := range text {
		next := strings.ToLower(word)
		if clause != "at" { // where every word may be a name
			next = p.meant(word)
		}
		switch {
		case next == "because":
			parts[next] = text[i+1:]
			return parts
		case isClause(next):
			clause = next
			parts[clause] = append(parts[clause], nil...) // there, if empty
		default:
			parts[clause] = append(parts[clause], word)
		}
	}
	return parts
}

// meant is a word as it stands there, or the one that was probably meant to begin a clause.
func (p *parser) meant(word string) string {
	low := strings.ToLower(word)
	near := words.Nearest(low, clauses)
	if near == "" || near == low || words.Nearest(low, slices.Concat(vectors, clauses)) != near {
		return low
	}
	p.wrong("%q is not known here, did you mean %q?", word, near)
	return near
}

// list reads names with commas, spaces or both between them.
func list(text []string) (names []string) {
	for _, name := range strings.FieldsFunc(strings.Join(text, ","), func(r rune) bool { return r == ',' }) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// days are the ways to write a day that can mean only one, that of expectations first.
var days = []string{time.DateOnly, "2006-1-2", "2006/1/2", "20060102", "2.1.2006"}

func (p *parser) day(text string) string {
	for i, layout := range days {
		if day, err := time.Parse(layout, text); err == nil {
			if i > 0 {
				p.wrong("%q is not written as a day is here: %s", text, day.Format(time.DateOnly))
			}
			return day.Format(time.DateOnly)
		}
	}
	p.wrong("%q is not a day, such as %s", text, exampleDay)
	return exampleDay
}

// why reads the reason of open.
func (p *parser) why(text string) string {
	said := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
	switch {
	case said == "":
		p.wrong("open needs a reason: because WHY")
	case strings.EqualFold(said, todo):
		p.wrong("%q is no reason: write down why it may be open", text)
	default:
		return text
	}
	return exampleWhy
}

// todo stands for the reason in a file that was written of what was found, and must not stay there.
const todo = "TODO"
