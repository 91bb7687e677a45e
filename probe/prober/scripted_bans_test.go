package prober_test

import (
	"fmt"
	"testing"

	"openrelay/probe"
	"openrelay/scanner/demo"
)

// bans are what a server says to everybody once it has had enough of a client. After so many refusals on a connection
// a new connection is as good as the first, and every question can be answered.
var bans = []struct {
	words  string
	after  []int
	spares test
	hides  bool // who spares every postmaster shows the ban to an unknown user alone
}{
	{noUser, []int{1, 2, 5}, nobody, false},
	{noUser, []int{1, 3}, barePostmaster, false},
	{denied, []int{1, 2, 3, 5, 8}, nobody, false},
	{denied, []int{1, 3, 8}, barePostmaster, false},
	{denied, []int{3}, anyPostmaster, true},
	{"454 4.7.1 Relay access denied", []int{3}, nobody, false},
	{login, []int{2}, nobody, false},
	{"550 rejected", []int{2, 8}, nobody, false},
	{"554 5.7.1 rejected", []int{3}, barePostmaster, false},
	{noClient, []int{1, 3, 9}, barePostmaster, false},
	{listed, []int{3}, nobody, false},
	{"450 4.7.1 rejected", []int{3}, nobody, false},
	{"451 4.7.1 Try again later", []int{2}, barePostmaster, false},
	{"450 4.7.1 Error: too much mail from 127.0.0.1", []int{5}, nobody, false},
	{polish, []int{1, 5}, nobody, false},
	{"550 5.7.1 您的地址已被封锁", []int{2}, barePostmaster, false},
	{"554 5.7.1 Ακόμα μία φορά", []int{3}, anyPostmaster, true},
	{"421 4.7.0 Error: too many errors", []int{1, 3}, nobody, false},
	{"-", []int{1, 2, 3}, nobody, false},
}

// behindBans are what may stand behind one.
var behindBans = []struct {
	relays hook
	is     judgement
	least  int // refusals that have to be free
}{
	{nothing, closed(relayDenied), 0},
	{relays(fromNobody), open("null-sender"), 0},
	{relays(fromThere), open("same-domain"), 0},
	{relays(fromInside), open("sender-own-domain"), 0},
	{percent, open("percent-own-domain"), 2}, // it proves something behind an unknown user only
	{when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken), open("mixed-case"), 0},
}

// A ban that a new connection ends hides nothing.
func TestBansByConnection(t *testing.T) {
	var rows []scripted
	for _, ban := range bans {
		for i, after := range ban.after {
			for j, behind := range behindBans {
				if after < behind.least || i > 0 && j > 0 && j < len(behindBans)-1 {
					continue // all of them behind the first, the first and the last behind the others
				}
				rows = append(rows, scripted{
					name:   fmt.Sprintf("%s, after %d%s, before %v", ban.words, after, sparing(ban.spares), behind.is),
					server: &demo.Script{Rcpt: inTurn(banned(refusedHere(after), ban.spares, ban.words), behind.relays)},
					is:     behind.is, most: 100, namedOnly: ban.hides,
				})
			}
		}
	}
	holds(t, rows)
}

func sparing(spares test) string {
	switch {
	case spares(demo.Dialogue{To: "<postmaster@local.test>"}):
		return ", but to postmasters"
	case spares(demo.Dialogue{To: "<postmaster>"}):
		return ", but to the bare postmaster"
	}
	return ""
}

// One that does not end hides what was not asked before it. What was accepted before it stays so.
func TestBansForGood(t *testing.T) {
	config := serverTLS(t)
	free := func(n int, words string, spares test, behind ...hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(append([]hook{banned(refusedEver(n), spares, words)}, behind...)...)}
	}
	holds(t, []scripted{
		{name: "User unknown after 1", server: free(1, noUser, nobody), is: unknown(bannedMidway)},
		{name: "User unknown after 3, null sender", server: free(3, noUser, nobody, relays(fromNobody)), relays: "null-sender", is: notClosed()},
		{name: "User unknown after 5, own sender", server: free(5, noUser, barePostmaster, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "User unknown after 8", server: free(8, noUser, barePostmaster), is: unknown(bannedMidway)},
		{name: "relay words after 1", server: free(1, denied, nobody), is: unknown(bannedMidway)},
		{name: "relay words after 1, same domain", server: free(1, denied, nobody, relays(fromThere)), relays: "same-domain", is: notClosed()},
		{name: "relay words after 2, percent", server: free(2, denied, barePostmaster, percent), relays: "percent-own-domain", is: notClosed()},
		{name: "relay words after 3, own sender", server: free(3, denied, barePostmaster, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "relay words after 3, to strangers and unknown users", server: free(3, denied, anyPostmaster), is: unknown(bannedMidway)},
		{name: "relay words after 3, to strangers and unknown users, own sender", server: free(3, denied, anyPostmaster, relays(fromInside)),
			relays: "sender-own-domain", is: notClosed(), namedOnly: true},
		{name: "relay words after 9", server: free(9, denied, nobody), is: unknown(bannedMidway)},
		{name: "relay words after 9, null sender", server: free(9, denied, nobody, relays(fromNobody)), is: open("null-sender"), proof: probe.Data},
		{name: "relay words after 9, same domain", server: free(9, denied, barePostmaster, relays(fromThere)), is: open("same-domain"), proof: probe.Data},
		{name: "relay words after 9, own sender", server: free(9, denied, nobody, relays(fromInside)), is: open("sender-own-domain"), proof: probe.Data},
		{name: "relay words after 9, source route", server: free(9, denied, nobody, when(routedHere, taken)),
			is: open("route-own-host"), proof: probe.Data},
		{name: "relay words after 9, HELO localhost", server: free(9, denied, nobody, relays(called("localhost"))), relays: "helo-localhost", is: unknown(bannedMidway)},
		{name: "relay words after 8, under TLS", relays: "plain", notQuick: true, is: notClosed(), server: &demo.Script{TLS: config,
			Rcpt: inTurn(banned(refusedEver(8), nobody, denied), relays(encrypted))}},
		{name: "login words after 5", server: free(5, login, nobody), is: unknown(bannedMidway)},
		{name: "login words after 2, same domain", server: free(2, login, barePostmaster, relays(fromThere)), relays: "same-domain", is: notClosed()},
		{name: "rejected after 2", server: free(2, rejected, barePostmaster), is: unknown(bannedMidway)},
		{name: "rejected after 5, mixed case", server: free(5, "550 rejected", nobody, when(func(d demo.Dialogue) bool { return mixedCase(d.To) }, taken)),
			relays: "mixed-case", is: notClosed()},
		{name: "client rejected after 1", server: free(1, noClient, barePostmaster), is: unknown(bannedMidway, clientBlocked)},
		{name: "client rejected after 3, own sender", server: free(3, noClient, barePostmaster, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "client rejected after 8", server: free(8, noClient, barePostmaster), is: unknown(bannedMidway, clientBlocked)},
		{name: "listed after 3", server: free(3, listed, nobody), is: unknown(bannedMidway, clientBlocked)},
		{name: "450 after 3", server: free(3, "450 4.7.1 rejected", nobody), is: unknown(bannedMidway, temporary)},
		{name: "451 after 5, null sender", server: free(5, "451 4.7.1 Try again later", barePostmaster, relays(fromNobody)), relays: "null-sender", is: notClosed()},
		{name: "too much mail after 8", server: free(8, "450 4.7.1 Error: too much mail from 127.0.0.1", nobody), is: unknown(bannedMidway, probe.ReasonRateLimited)},
		{name: "unknown language after 2", server: free(2, polish, barePostmaster), is: unknown(bannedMidway)},
		{name: "unknown language after 5, same domain", server: free(5, polish, nobody, relays(fromThere)), relays: "same-domain", is: notClosed()},
		{name: "hangs up after 3", server: free(3, "-", nobody), is: unknown(bannedMidway, probe.ReasonCutOff)},
		{name: "hangs up at EHLO after 3, null sender", relays: "null-sender", is: notClosed(), server: &demo.Script{
			EHLO: when(refusedEver(3), "-"), Rcpt: relays(fromNobody)}},
		{name: "hangs up at EHLO after 9", is: unknown(bannedMidway, probe.ReasonCutOff), server: &demo.Script{EHLO: when(refusedEver(9), "-")}},
		{name: "refuses MAIL after 9", is: unknown(bannedMidway), server: &demo.Script{Mail: when(refusedEver(9), rejected)}},
		{name: "catches all local names, rejects after 2", is: notOpen(), server: free(2, rejected, nobody,
			when(not(strange), taken))},
		{name: "catches all local names, User unknown after 3", is: notOpen(), server: free(3, noUser, anyPostmaster,
			when(not(strange), taken))},
	})
}

// A server that refuses everybody because of a ban demands no login, though it has one to offer.
func TestBansWhereUsersLogIn(t *testing.T) {
	bans := func(n int, words string, behind hook) *demo.Script {
		return &demo.Script{Extensions: []string{"PIPELINING", "AUTH PLAIN LOGIN"}, Rcpt: inTurn(banned(refusedEver(n), barePostmaster, words), behind)}
	}
	submission := []setting{onPort(587)}
	holds(t, []scripted{
		{name: "rejected after 3, own sender", set: submission, server: bans(3, rejected, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "rejected after 1, null sender", set: submission, server: bans(1, rejected, relays(fromNobody)), relays: "null-sender", is: notClosed()},
		{name: "rejected after 2", set: submission, server: bans(2, rejected, nothing), is: unknown(bannedMidway)},
		{name: "client rejected after 3, same domain", set: submission, server: bans(3, noClient, relays(fromThere)), relays: "same-domain", is: notClosed()},
		{name: "unknown language after 5, own sender", set: submission, server: bans(5, polish, relays(fromInside)), relays: "sender-own-domain", is: notClosed()},
		{name: "rejected after 9, own sender", set: submission, server: bans(9, rejected, relays(fromInside)), is: open("sender-own-domain"), proof: probe.Data},
	})
}

// The quick profile costs eight refusals where the words are known, and asks more only to know more.
func TestBansAndTheQuickProfile(t *testing.T) {
	rejects := func(is test, behind hook) *demo.Script {
		return &demo.Script{Rcpt: inTurn(banned(is, nobody, rejected), behind)}
	}
	holds(t, []scripted{
		{name: "after 9", set: []setting{quick}, server: rejects(refusedEver(9), nothing), is: closed(relayDenied), most: 1},
		{name: "after 9, own sender", set: []setting{quick}, server: rejects(refusedEver(9), relays(fromInside)), is: open("sender-own-domain"), proof: probe.Data},
		{name: "after 9 on a connection", set: []setting{quick}, server: rejects(refusedHere(9), nothing), is: closed(relayDenied), most: 1},
		{name: "after 3 on a connection", set: []setting{quick}, server: rejects(refusedHere(3), nothing), is: closed(relayDenied), most: 20},
		{name: "after 3 on a connection, own sender", set: []setting{quick}, server: rejects(refusedHere(3), relays(fromInside)), is: open("sender-own-domain")},
		{name: "after 5", set: []setting{quick}, server: rejects(refusedEver(5), nothing), is: unknown(bannedMidway)},
		{name: "in a range, after 9 on a connection", set: []setting{quick, ofARange}, server: rejects(refusedHere(9), nothing), is: closed(relayDenied), most: 1},
		{name: "in a range, after 3 on a connection, own sender", set: []setting{quick, ofARange}, server: rejects(refusedHere(3), relays(fromInside)),
			is: open("sender-own-domain")},
		{name: "in a range, after 4", set: []setting{quick, ofARange}, server: rejects(refusedEver(4), nothing), is: unknown(bannedMidway)},
	})
}
