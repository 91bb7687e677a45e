// Package words is the words of the records, which a report shows and a reader may not know: what it says, and what to do about
// it. The table, [All], is read by `openrelay explain` and its completion, by the reports for people, by SARIF's
// rules and by the pages of docs/. To add a word, add its row; a word of the record without one fails a test.
package words

import (
	"slices"

	"openrelay/probe"
)

// Entry is a row: a word, and what it says.
type Entry struct {
	Word string
	Kind Kind
	// Says is a clause without a full stop. It completes "the server …" for kinds that are about it, see AboutServer,
	// and stands alone otherwise.
	Says   string
	WayOut string // what to do about it, in sentences; "" where there is nothing to do
	Page   string // what is too long for a line: paragraphs, with commands in lines that begin with two spaces
	Minor  bool   // good to know, nothing to act on: not worth a line under a closed server
}

// Kind says what a word is one of.
type Kind string

// The kinds, in the order in which they are listed.
const (
	Verdict      Kind = "verdict"
	Proof        Kind = "proof"
	Unreachable  Kind = "reason of unreachable"
	Inconclusive Kind = "reason of inconclusive"
	Closed       Kind = "reason of closed"
	Trait        Kind = "trait"
	Outcome      Kind = "outcome of a vector"
	Standing     Kind = "what was found, beside what is expected"
	Stage        Kind = "stage"
	Meaning      Kind = "meaning of a reply"
	Class        Kind = "class of a vector"
	Via          Kind = "way of asking"
	Vantage      Kind = "vantage"
	Status       Kind = "answer of a block list"
	Listing      Kind = "kind of a listing"
	Problem      Kind = "problem with a block list"
	Bounce       Kind = "kind of a bounce"
	Subject      Kind = "subject of a bounce"
	Origin       Kind = "origin of a bounce"
	Change       Kind = "change"
	Topic        Kind = "topic"
)

// Kinds lists every kind.
var Kinds = []Kind{
	Verdict, Proof, Unreachable, Inconclusive, Closed, Trait, Outcome, Standing, Stage, Meaning, Class, Via, Vantage,
	Status, Listing, Problem, Bounce, Origin, Subject, Change, Topic,
}

// AboutServer reports whether what such words say completes "the server …".
func (k Kind) AboutServer() bool {
	return k == Inconclusive || k == Closed || k == Trait || k == Standing || k == Change
}

// All is the table. A word may be of several kinds: "refused" is a reason of closed and of unreachable.
var All = slices.Concat(ofVerdicts, ofReasons, ofTraits, ofStandings, ofDialogues, meanings(), ofTests, ofBlockLists, problems(), ofBounces, subjects(), ofChanges(), ofTopics)

// Find returns the row of a word of one kind.
func Find(k Kind, word string) (e Entry, ok bool) {
	i := slices.IndexFunc(All, func(e Entry) bool { return e.Kind == k && e.Word == word })
	if i < 0 {
		return Entry{}, false
	}
	return All[i], true
}

// Reason returns the row of a reason, which a verdict gives a sense; ok is false for the id of a vector, the reason
// of an open server.
func Reason(v probe.Verdict, r probe.Reason) (e Entry, ok bool) {
	k, ok := reasonOf[v]
	if !ok {
		return Entry{}, false
	}
	return Find(k, string(r))
}

var reasonOf = map[probe.Verdict]Kind{probe.Unreachable: Unreachable, probe.Inconclusive: Inconclusive, probe.Closed: Closed}

// OfReasons returns the rows of the reasons of a verdict.
func OfReasons(v probe.Verdict) []Entry { return Of(reasonOf[v]) }

// Of returns the rows of one kind, in the order of the table.
func Of(k Kind) (rows []Entry) {
	for _, e := range All {
		if e.Kind == k {
			rows = append(rows, e)
		}
	}
	return rows
}
