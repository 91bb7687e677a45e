// Package bounce reads the mail a server sends back when it could not deliver a message, and says which
// server refused it, in which words, and whether a block list is behind it.
//
// It understands delivery status notifications (RFC 3464) and the plain texts of servers that write
// none. Knowledge is in three tables: [Cues], how servers word a bounce; [Lists], how a reply names a
// block list; [Subjects], what a refusal is about. Each row carries an example of what it matches, and
// the tests run every row on its own example. To teach it a new wording, add a row.
//
// A bounce is hostile: anybody can send one. Everything is read under bounds, and every string of a
// [Bounce] must be made printable before it is shown.
package bounce

import (
	"net/netip"

	"openrelay/probe/phrasebook"
)

// Bounce is what one message says about deliveries.
type Bounce struct {
	Source   string    `json:"source,omitempty"`   // the file it came from; empty for standard input
	Message  int       `json:"message"`            // its number there, from 1
	Kind     Kind      `json:"kind"`               // the worst that the message reports
	Why      string    `json:"why,omitempty"`      // what else it is, or what is missing
	Reporter string    `json:"reporter,omitempty"` // the host that wrote it
	Original *Original `json:"original,omitempty"` // the message that came back, where its header did
	Findings []Finding `json:"findings"`           // one for each recipient it names
}

// Kind is what a message is: the worst that it reports.
type Kind string

// The kinds.
const (
	Failed     Kind = "failed"       // the message will not arrive
	Delayed    Kind = "delayed"      // the server is still trying
	Delivered  Kind = "delivered"    // a success was reported (RFC 3464 2.3.3: delivered, relayed, expanded)
	NotABounce Kind = "not-a-bounce" // ordinary mail, a vacation answer, a read receipt
)

// Finding is the fate of a message on its way to one recipient.
type Finding struct {
	Recipient string             `json:"recipient,omitempty"` // the address it was for
	Kind      Kind               `json:"kind"`                // what became of it
	Host      string             `json:"host,omitempty"`      // the server that refused, by name; "" where it is not named
	Address   netip.Addr         `json:"address,omitzero"`    // the address of that server
	Local     bool               `json:"local,omitempty"`     // no other server said so: the reporter itself gave up
	Stage     phrasebook.Stage   `json:"stage,omitempty"`     // the command it was the answer to, where that is told
	Code      int                `json:"code,omitempty"`      // 0: what is told is no SMTP reply
	Status    string             `json:"status,omitempty"`    // enhanced status code (RFC 3463), of the reply or else of the notification
	Reply     string             `json:"reply,omitempty"`     // the refusal, in the words of the bounce. Hostile
	Meaning   phrasebook.Meaning `json:"meaning,omitempty"`   // what such a reply means in an SMTP dialogue
	Subject   string             `json:"subject,omitempty"`   // what it is about: the id of a row of Subjects
	Lists     []List             `json:"lists,omitempty"`     // the block lists it names
	Against   string             `json:"against,omitempty"`   // the address or domain it says is listed, or refuses
	Pages     []string           `json:"pages,omitempty"`     // the web pages it points to. Hostile
	BlockList bool               `json:"blocklist,omitempty"` // whether it is about a block list, named or not
}

// Original is the header of the message that came back.
type Original struct {
	MessageID string `json:"message_id,omitempty"` // its Message-ID. Hostile
	From      string `json:"from,omitempty"`       // its From field. Hostile
	Subject   string `json:"subject,omitempty"`    // its subject. Hostile
	Received  int    `json:"received"`             // how many Received lines came back
	Origin    Origin `json:"origin,omitempty"`     // whether it left from one of our hosts; empty where that cannot be told
}

// Origin says whether the message that came back was ever at one of our own hosts.
type Origin string

// The origins. A Received line can be forged too, so Ours is the claim of the header. Elsewhere means that
// there are Received lines and none names one of our hosts or another host of their domains: the sender
// was forged, and the bounce is backscatter, unless one of us sends through somebody else's servers.
const (
	Ours      Origin = "ours"
	Elsewhere Origin = "elsewhere"
)

// Reader reads bounces. The zero value is ready.
type Reader struct {
	// Lists are block lists to know besides those of the table. Where both have a zone, these pages count.
	Lists []List
	// Ours are the host names (with everything below them), addresses and prefixes ("192.0.2.0/28") that
	// our mail leaves from. Without them no origin is told.
	Ours []string
}
