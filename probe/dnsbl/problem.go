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
}

const ownResolver = "ask through a recursive resolver of your own: --resolver ADDRESS"

// Problems is the closed list of problems, with what to do about each.
var Problems = []ProblemText{
	{Dead, "its test entry is not there (RFC 5782 section 5): the list has died, or says nothing to this resolver", ownResolver + "; if it stays so, the list is gone"},
	{Wildcard, "it lists its test entry for what is never listed (RFC 5782 section 5), and so would list everything", "nothing to do: the list has been given up or is broken, and whoever still uses it refuses all mail"},
	{NotLoopback, "it answers with an address outside 127.0.0.0/8: the zone has been parked or taken over, or the resolver invents answers", ownResolver},
	{PublicResolver, "it does not answer public resolvers, or those without a name of their own in the reverse DNS", ownResolver + ", or get a key from the list (Spamhaus: Data Query Service) and give its zone with --zones"},
	{TooMany, "it says that this resolver asks too much", ownResolver + ", or get a key from the list (Spamhaus: Data Query Service) and give its zone with --zones"},
	{WrongZone, "it says that there is no such list: the name of the zone is misspelled", "correct the zone in the --zones file"},
	{ListRefuses, "it answers, but refuses this resolver", ownResolver + "; some lists want to know the resolver first"},
	{Refused, "the query was refused (REFUSED)", ownResolver + "; some lists want to know the resolver first"},
	{ServFail, "the resolver found no working name server for it (SERVFAIL)", "try again later, or " + ownResolver},
	{Timeout, "no answer came", "try again later, or " + ownResolver},
	{BadAnswer, "what came was no answer to the question", ownResolver},
	{NotPublic, "the address is none of the public internet, where nobody can list it", "ask about the address your mail leaves from"},
	{BadName, "the name is no domain, or too long to be asked about there", ""},
	{Interrupted, "the check was interrupted", ""},
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
