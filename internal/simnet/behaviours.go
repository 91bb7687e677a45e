package simnet

import "strings"

// Behaviour is what one server does. Another one is a row of Behaviours.
type Behaviour struct {
	Name  string
	About string

	greeting string               // instead of the usual one
	early    early                // how the session ends before it begins
	late     late                 // what takes long
	mail     string               // the reply to MAIL instead of 250
	relays   func(to string) bool // which foreign recipients are accepted; nil for none
	refusal  string               // of the others, instead of "Relaying denied"
}

type early int

const (
	_      early = iota
	silent       // never says a word
	hangup       // closes at once
	reset        // resets at once
)

type late int

const (
	_            late = iota
	lateGreeting      // by Options.SlowGreeting
	lateReplies       // the greeting and every reply, by Options.Tarpit
)

// Behaviours lists what a server can be. The first one is what a mix leaves over.
var Behaviours = []Behaviour{
	{Name: "closed", About: "relays for nobody"},
	{Name: "open", About: "relays for everybody", relays: func(string) bool { return true }},
	{Name: "percent", About: "relays user%domain only", relays: func(to string) bool { return strings.Contains(to, "%") }},
	{Name: "partial", About: "relays source routes, user%domain and domain!user only",
		relays: func(to string) bool { return strings.HasPrefix(to, "<@") || strings.ContainsAny(to, "%!") }},
	{Name: "greylist", About: "asks strangers to come back later", refusal: "451 4.7.1 Greylisted, please try again later"},
	{Name: "auth", About: "wants a login before MAIL", mail: "530 5.7.0 Authentication required"},
	{Name: "slow", About: "greets late, relays for nobody", late: lateGreeting},
	{Name: "tarpit", About: "says everything late, relays for nobody", late: lateReplies},
	{Name: "silent", About: "accepts connections and says nothing", early: silent},
	{Name: "hangup", About: "closes every connection at once", early: hangup},
	{Name: "reset", About: "resets every connection at once", early: reset},
	{Name: "busy", About: "greets with 421 and closes", greeting: "421 4.3.2 Service not available, closing transmission channel"},
	{Name: "reject", About: "greets with 554 and takes nothing but QUIT", greeting: "554 5.7.1 No SMTP service here"},
}

// dead is an address that answers nothing; where something reaches it all the same, it says so.
var dead = Behaviour{Name: "dead", About: "does not answer at all", early: reset}
