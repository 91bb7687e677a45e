package probe

// Word is a word of a record, and what it means.
type Word struct{ ID, Means string }

// Words are the verdicts, the proofs and the outcomes. Vectors, reasons and the meanings of replies have tables of
// their own.
var Words = []Word{
	{"open", "Verdict: a vector was accepted, so a stranger can send mail through the server. The proof says how far that was followed."},
	{"closed", "Verdict: every vector that applies reached the question whether the server relays, and was refused."},
	{"unreachable", "Verdict: no mail server answered. The stage and the reason say how far the connection came."},
	{"inconclusive", "Verdict: a server answered, but not every question was. It is not a soft closed: the reason says what stands in the way, and what to do about it."},

	{"rcpt", "Proof: the server accepted the recipient (2xx to RCPT). Stage: the reply was to RCPT."},
	{"data", "Proof: the server asked for the message as well (354 to DATA); the connection was dropped there, and nothing was sent. Stage: the reply was to DATA."},
	{"delivered", "Proof: a message of ours came out at the other end (--proof deliver)."},

	{"accepted", "Outcome: the server agreed to take the stranger's mail."},
	{"unanswered", "Outcome: no reply was about relaying. Its reason says what the replies were about."},
	{"skipped", "Outcome: the vector does not apply to this server; coverage says why."},
}
