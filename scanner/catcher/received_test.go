package catcher

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"openrelay/internal/variants"
)

// TestReceived holds the parser to what mail servers write. Each file is the header of a message; its
// name says who wrote it, and its field X-Want-Client the address that is meant, "none" for none.
func TestReceived(t *testing.T) {
	files, err := os.ReadDir("testdata/received")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile("testdata/received/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		h := parseHeader(text)
		wants := h.all("X-Want-Client")
		if len(wants) != 1 {
			t.Fatalf("%s: X-Want-Client %q", f.Name(), wants)
		}
		want, _ := netip.ParseAddr(wants[0])
		fields := received(h)
		if got := sawClient(fields); got != want || len(fields) == 0 {
			t.Errorf("%s: %v, want %v\n%s", f.Name(), got, want, strings.Join(fields, "\n"))
		}
	}
}

func TestClientOf(t *testing.T) {
	for field, want := range map[string]string{
		// Postfix
		"from probe.example (probe.example [192.0.2.7]) by mx (Postfix) with ESMTP id 1 for <a@b.test>; Mon, 23 Nov 2026 12:00:00 +0000 (UTC)": "192.0.2.7",
		"from probe.example (unknown [192.0.2.7]) by mx (Postfix) with SMTP id 1; date":                                                        "192.0.2.7",
		"from [192.0.2.99] (unknown [IPv6:2001:db8::7]) (using TLSv1.3 with cipher X (256/256 bits)) (No client certificate requested) by mx":  "2001:db8::7",
		"by mx.example (Postfix, from userid 0) id 1; date":                                                                                    "",
		// Exim
		"from [192.0.2.7] (helo=probe.example) by mx with esmtp (Exim 4.96) (envelope-from <a@b.test>) id 1; date": "192.0.2.7",
		"from [192.0.2.7] (helo=[10.0.0.1]) by mx with smtp (Exim 4.96) id 1; date":                                "192.0.2.7",
		"from name.example ([192.0.2.7] helo=[10.0.0.1]) by mx with esmtps (TLS1.3) tls TLS_AES_256 (Exim 4.96)":   "192.0.2.7",
		"from name.example ([192.0.2.7]:4321 helo=probe ident=root) by mx with esmtp":                              "192.0.2.7",
		"from [2001:db8::7] by mx with esmtp (Exim 4.98) id 1; date":                                               "2001:db8::7",
		"from root by mx.example with local (Exim 4.96) (envelope-from <a@b.test>) id 1; date":                     "",
		// Sendmail
		"from probe.example (name.example [192.0.2.7] (may be forged)) by mx (8.17.1/8.17.1/Debian-2) with ESMTP id 1; date": "192.0.2.7",
		"from [10.0.0.1] ([192.0.2.7]) by mx (8.17.1/8.17.1) with ESMTP id 1; date":                                          "192.0.2.7",
		"from probe.example (IDENT:root@name.example [192.0.2.7]) by mx (8.9.3/8.9.3) with SMTP id 1; date":                  "192.0.2.7",
		"from probe.example ([IPv6:2001:db8:0:0:0:0:0:7]) by mx (8.17.1/8.17.1) with ESMTPS id 1":                            "2001:db8::7",
		// OpenSMTPD
		"from probe.example (<unknown> [192.0.2.7]) by mx (OpenSMTPD) with ESMTP id 1 for <a@b.test>; date":         "192.0.2.7",
		"from probe.example (name.example [192.0.2.7]) by mx (OpenSMTPD) with ESMTPS id 1 (TLSv1.3:X:256:NO); date": "192.0.2.7",
		// Courier
		"from probe.example ([::ffff:192.0.2.7]) by mx with ESMTP id 1.2.3; date":                              "192.0.2.7",
		"from probe.example (name.example [::ffff:192.0.2.7]) (TLS: TLSv1.3,256bits,X) by mx with ESMTPS id 1": "192.0.2.7",
		// qmail and its kin
		"from unknown (HELO probe.example) (192.0.2.7) by mx with SMTP; 23 Nov 2026 12:00:00 -0000": "192.0.2.7",
		"from unknown (HELO 10.0.0.1) (192.0.2.7) by mx with SMTP; date":                            "192.0.2.7",
		"from unknown (HELO [10.0.0.1]) (root@192.0.2.7) by mx with SMTP; date":                     "192.0.2.7",
		"from name.example (192.0.2.7) by mx with SMTP; date":                                       "192.0.2.7",
		"(qmail 4711 invoked from network); 23 Nov 2026 12:00:00 -0000":                             "",
		"(qmail 4711 invoked by uid 89); 23 Nov 2026 12:00:00 -0000":                                "",
		// Exchange, IIS, Domino, James, Haraka, others
		"from probe.example (192.0.2.7) by EX01.corp.example (10.0.0.5) with Microsoft SMTP Server id 15.1.2507.6; date":    "192.0.2.7",
		"from probe.example (2001:db8::7) by EX01.corp.example (2001:db8::5) with Microsoft SMTP Server (version=TLS1_2)":   "2001:db8::7",
		"from probe.example ([192.0.2.7]) by mx.example with Microsoft SMTPSVC(8.5.9600.16384); date":                       "192.0.2.7",
		"from probe.example ([192.0.2.7]) by mx.example (Lotus Domino Release 9.0.1) with ESMTP id 1":                       "192.0.2.7",
		"from 192.0.2.7 (EHLO [10.0.0.1]) ([192.0.2.7]) by mx (JAMES SMTP Server ) with ESMTP ID 1":                         "192.0.2.7",
		"from probe.example (NXDOMAIN [192.0.2.7]) by mx (Haraka/3.0.3) with ESMTP id 1 envelope-from <a@b.test>":           "192.0.2.7",
		"from probe.example (probe.example. [192.0.2.7]) by mx.google.com with ESMTPS id 1 for <a@b.test> (version=TLS1_3)": "192.0.2.7",
		// what says nothing, or nothing true
		"":                                    "",
		"from":                                "",
		"from ":                               "",
		"from probe.example by mx; date":      "",
		"from 192.0.2.7 by mx; date":          "", // a name that the client gave
		"from probe.example (no address) by":  "",
		"from probe.example (name [999.1.1])": "",
		"from probe.example ((((":             "",
		`from probe.example (a \) [192.0.2.7]) by mx`: "192.0.2.7",
		"from probe.example (name [192.0.2.7":         "",
		"fromage (a [192.0.2.7]) by mx":               "",
		"from a by b (c [192.0.2.7])":                 "", // who b is, not who a is
	} {
		addr, _ := netip.ParseAddr(want)
		if got := clientOf(field); got != addr {
			t.Errorf("%q: %v, want %q", field, got, want)
		}
	}
}

func TestReceivedBounded(t *testing.T) {
	long := strings.Repeat("Received: from a (b [192.0.2.7]) by c "+strings.Repeat("x", 5000)+"\r\n", 100)
	fields := received(parseHeader([]byte(long)))
	if len(fields) != 30 || len(fields[0]) > 1100 {
		t.Errorf("%d fields, the first of %d octets", len(fields), len(fields[0]))
	}
}

func TestHeader(t *testing.T) {
	h := parseHeader([]byte("Received: one\r\n two\r\n\tthree\r\nno field\r\nreceived : four\nX:\r\n\r\nReceived: body\r\n"))
	if got := h.all("Received"); !slices.Equal(got, []string{"one two three", "four"}) {
		t.Errorf("%q", got)
	}
	if got := parseHeader([]byte(" folded\r\n\r\n")).all("Received"); got != nil {
		t.Errorf("%q", got)
	}
}

// FuzzReceived: an address that is found stands in the field, and what the server says of itself
// after the from clause does not change it.
func FuzzReceived(f *testing.F) {
	var seeds [][]string
	for _, field := range []string{
		"from probe.example (name.example [192.0.2.7] (may be forged))", "from [192.0.2.7] (helo=[10.0.0.1])",
		"from unknown (HELO x) (192.0.2.7)", "from a ([::ffff:192.0.2.7]) (TLS: x)", "from a (b (c [IPv6:2001:db8::7]", "(qmail 1 invoked)",
		"from )(()", "from [fe80::1%eth0]",
	} {
		seeds = append(seeds, []string{field, "mx.example (10.0.0.1 [10.0.0.2]) with ESMTP; date"}, []string{field, "[0.0.0.0]"})
	}
	for row := range variants.Rows(5000, seeds...) {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, field, by string) {
		got := clientOf(field)
		apart := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[]@", r) }
		if got.IsValid() && !slices.ContainsFunc(strings.FieldsFunc(field, apart), func(word string) bool {
			addr, ok := address(word)
			return ok && addr == got
		}) {
			t.Errorf("%q: %v does not stand there", field, got)
		}
		whole := !strings.Contains(field, "\\") && strings.HasSuffix(field, ")") && balanced(field)
		if again := clientOf(field + " by " + by); whole && again != got {
			t.Errorf("%q: %v, and %v with %q behind", field, got, again, by)
		}
	})
}

// balanced reports whether every comment that begins in the field ends there, and none ends that has not begun.
func balanced(field string) bool {
	depth := 0
	for _, r := range field {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}
