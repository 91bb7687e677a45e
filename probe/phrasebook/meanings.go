package phrasebook

// Sense is a meaning in words.
type Sense struct {
	Meaning Meaning
	About   string // one sentence for a mail administrator
}

// Meanings lists every meaning with what it says about relaying.
var Meanings = []Sense{
	{Accepted, "The server took the command; for a recipient that is not its own, that is relaying, unless a later reply refuses."},
	{RelayDenied, "The server says it does not pass on mail for this domain or this client: the answer we hope for."},
	{AuthRequired, "The server wants a login before it takes the mail; a stranger has none, so this door is shut."},
	{RecipientUnknown, "The server looked for a mailbox of that name and has none that takes mail; it did not offer to pass the mail on."},
	{TLSRequired, "The server wants encryption before it says anything about relaying; ask again after STARTTLS."},
	{SenderRejected, "The server objects to the sender's address or domain, so it never came to the relay question; ask with another sender."},
	{RecipientDomainRejected, "The server found no way to deliver to the recipient's domain (no DNS, null MX), or tells what another server said of the address, which says nothing about relaying; ask with another domain."},
	{ClientBlocked, "The server objects to the address we came from (a block list, its name, its reputation); ask from another address."},
	{Greylisted, "The server puts off every newcomer for a while; ask again later from the same address."},
	{RateLimited, "The server counted too much from us or in total; ask again later and more slowly."},
	{HeloRejected, "The server objects to the name we gave in HELO or EHLO; ask again with another name."},
	{Syntax, "The server does not understand or allow this form of command or address; other forms may fare differently."},
	{ContentRejected, "The server objects to the message itself (size, spam, virus, policy), not to where it goes."},
	{Temporary, "The server put us off without a reason that concerns relaying; ask again later."},
	{RefusedOther, "The server refused without a reason we know; only the controls can tell whether it would relay."},
}
