package bounce

import (
	"bufio"
	"net/netip"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// maxRecipients bounds the findings of one bounce.
const maxRecipients = 200

// readFields reads one group of fields, up to a blank line or to what is no field.
func readFields(r *bufio.Reader) message.Header {
	h, _ := textproto.ReadHeader(r) // what comes before a damaged line is good
	return message.Header{Header: h}
}

// notification reads the fields of a delivery status notification (RFC 3464 2): one group about the
// message, then one for each recipient.
func notification(status string) (reporter string, findings []Finding) {
	groups := strings.Split(strings.Trim(blank.ReplaceAllString(status, "\n\n"), "\n"), "\n\n")
	for _, group := range groups {
		f := readFields(bufio.NewReader(strings.NewReader(group + "\n\n")))
		if reporter == "" {
			reporter, _ = mta(f.Get("Reporting-Mta"))
		}
		if len(findings) < maxRecipients && (f.Has("Final-Recipient") || f.Has("Original-Recipient") || f.Has("Action")) {
			findings = append(findings, recipientFields(f))
		}
	}
	return reporter, findings
}

var blank = regexp.MustCompile(`\n(?:[ \t]*\n)+`)

// actions are the values of the Action field (RFC 3464 2.3.3).
var actions = map[string]Kind{
	"failed": Failed, "delayed": Delayed, "delivered": Delivered, "relayed": Delivered, "expanded": Delivered,
}

func recipientFields(f message.Header) Finding {
	var r Finding
	_, r.Recipient = typed(f.Get("Final-Recipient"))
	if r.Recipient == "" {
		_, r.Recipient = typed(f.Get("Original-Recipient"))
	}
	r.Recipient = strings.Trim(r.Recipient, "<> ")
	action, _, _ := strings.Cut(strings.ToLower(f.Get("Action")), " ") // some add a comment
	r.Kind = actions[action]
	r.Host, r.Address = mta(f.Get("Remote-Mta"))
	r.Status = enhancedCode.FindString(f.Get("Status"))
	if r.Kind == "" && r.Status != "" {
		r.Kind = map[byte]Kind{'2': Delivered, '4': Delayed, '5': Failed}[r.Status[0]]
	}
	_, text := typed(f.Get("Diagnostic-Code"))
	r.quote(text)
	return r
}

// typed splits a field of RFC 3464 2.1.2: "smtp; 550 no", "rfc822; u@example.net". Some leave the type out.
func typed(field string) (kind, value string) {
	kind, value, ok := strings.Cut(field, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if !ok || strings.ContainsAny(kind, " @") {
		return "", strings.TrimSpace(field)
	}
	return kind, strings.TrimSpace(value)
}

// mta splits the name of a server: "dns; mx.example.net (192.0.2.1, the server for example.net)".
func mta(field string) (host string, addr netip.Addr) {
	_, value := typed(field)
	if i := strings.Index(value, "(TCP|"); i >= 0 { // Oracle: our address and port, then theirs
		if pipes := strings.Split(value[i:], "|"); len(pipes) >= 4 {
			addr, _ = netip.ParseAddr(pipes[3])
		}
		value = value[:i]
	}
	host, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !addr.IsValid() {
		addr = firstAddress(host + " " + rest)
	}
	if before, _, ok := strings.Cut(host, "["); ok {
		host = before
	}
	host = strings.Trim(host, ".()<>")
	if _, err := netip.ParseAddr(host); err == nil {
		host = ""
	}
	return host, addr
}

var (
	addressLike = regexp.MustCompile(`(?i)[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*|\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ipv6Tag     = regexp.MustCompile(`(?i)\bIPv6:`) // of an address literal (RFC 5321 4.1.3); its 6 is not of the address
)

// addresses returns the first few IP addresses of a text.
func addresses(s string) []netip.Addr {
	var found []netip.Addr
	for _, m := range addressLike.FindAllString(ipv6Tag.ReplaceAllString(s, " "), 20) {
		if a, err := netip.ParseAddr(strings.Trim(m, ".")); err == nil {
			found = append(found, a.Unmap())
		}
	}
	return found
}

// firstAddress returns the first IP address of a text, if any.
func firstAddress(s string) netip.Addr {
	if found := addresses(s); found != nil {
		return found[0]
	}
	return netip.Addr{}
}
