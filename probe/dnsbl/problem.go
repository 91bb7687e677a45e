package dnsbl

// Problem is the one word on why a list was not checked. The list of them is closed.
type Problem string

// The problems.
const (
	Dead           Problem = "dead"
	Wildcard       Problem = "wildcard"
	NotLoopback    Problem = "not-loopback"
	PublicResolver Problem = "public-resolver"
	TooMany        Problem = "too-many-queries"
	WrongZone      Problem = "wrong-zone"
	ListRefuses    Problem = "list-refuses"
	Refused        Problem = "refused"
	ServFail       Problem = "servfail"
	Timeout        Problem = "timeout"
	BadAnswer      Problem = "bad-answer"
	NotPublic      Problem = "not-public"
	BadName        Problem = "bad-name"
	Interrupted    Problem = "interrupted"
)

// ProblemText explains a problem.
type ProblemText struct {
	Problem Problem
	Words   string
	WayOut  string
	Leave   Leave // when the list is asked no more
	Needs   bool  // what the list wants before it answers may be the cause
}

// Leave says when a list with a problem is left alone.
type Leave int

// When a list is left alone.
const (
	Never    Leave = iota
	AfterFew       // where several questions in a row end so
	AtOnce         // it told us to go away
)

const ownResolver = "ask through a recursive resolver of your own: --resolver ADDRESS"

// Problems is the closed list of problems, with what to do about each.
var Problems = []ProblemText{
	{Dead, "its test entry is not there (RFC 5782 section 5): the list has died, or says nothing to this resolver", ownResolver + "; if it stays so, the list is gone", Never, true},
	{Wildcard, "it lists its test entry for what is never listed (RFC 5782 section 5), and so would list everything", "nothing to do: the list has been given up or is broken, and whoever still uses it refuses all mail", Never, false},
	{NotLoopback, "it answers with an address outside 127.0.0.0/8: the zone has been parked or taken over, or the resolver invents answers", ownResolver, AtOnce, false},
	{PublicResolver, "it does not answer public resolvers, or those without a name of their own in the reverse DNS", ownResolver + ", or get a key from the list (Spamhaus: Data Query Service) and give its zone with --zones", AtOnce, false},
	{TooMany, "it says that this resolver asks too much", ownResolver + ", or get a key from the list (Spamhaus: Data Query Service) and give its zone with --zones", AtOnce, false},
	{WrongZone, "it says that there is no such list: the name of the zone is misspelled", "correct the zone in the --zones file", Never, false},
	{ListRefuses, "it answers, but refuses this resolver", ownResolver + "; some lists want to know the resolver first", AtOnce, true},
	{Refused, "the query was refused (REFUSED)", ownResolver + "; some lists want to know the resolver first", AfterFew, true},
	{ServFail, "the resolver found no working name server for it (SERVFAIL)", "try again later, or " + ownResolver, AfterFew, false},
	{Timeout, "no answer came", "try again later, or " + ownResolver, AfterFew, false},
	{BadAnswer, "what came was no answer to the question", ownResolver, Never, false},
	{NotPublic, "the address is none of the public internet, where nobody can list it", "ask about the address your mail leaves from", Never, false},
	{BadName, "the name is no domain, or too long to be asked about there", "", Never, false},
	{Interrupted, "the check was interrupted", "", Never, false},
}

// Explain returns the text on a problem.
func (p Problem) Explain() ProblemText {
	for _, t := range Problems {
		if t.Problem == p {
			return t
		}
	}
	return ProblemText{Problem: p, Words: string(p)}
}

// Trouble is a problem with its particulars. The zero Trouble is none.
type Trouble struct {
	Problem Problem
	Detail  string // "127.0.0.1 is listed", where it says more than the problem does. Hostile
}

// Why is the sentence for [Listing.Why].
func (t Trouble) Why() string {
	text := t.Problem.Explain()
	why := text.Words
	if t.Detail != "" {
		why += " (" + t.Detail + ")"
	}
	if text.WayOut != "" {
		why += "; " + text.WayOut
	}
	return why
}
