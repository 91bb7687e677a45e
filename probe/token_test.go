package probe_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"openrelay/internal/variants"
	"openrelay/probe"
)

var issuedAt = time.Date(2026, 11, 23, 12, 0, 0, 123e6, time.UTC)

func issue(k probe.Key) probe.Token {
	return k.Issue("run7", "[2001:db8::1]:25", "percent-own-domain", probe.StartTLS, issuedAt)
}

func TestTokenFitsAnAddress(t *testing.T) {
	key := probe.NewKey()
	for _, v := range probe.Vectors {
		token := key.Issue("abcdefghijkl", "192.0.2.1:25", v.ID, probe.Plain, issuedAt)
		if !regexp.MustCompile(`^[a-z][a-z2-7]{32}$`).MatchString(token.LocalPart) {
			t.Errorf("%s: local part %q", v.ID, token.LocalPart)
		}
		if len(token.Header) > 900 || strings.ContainsAny(token.Header, "\r\n") {
			t.Errorf("%s: header %q", v.ID, token.Header)
		}
	}
}

func TestTokenVerifies(t *testing.T) {
	key := probe.NewKey()
	token := issue(key)
	later := issuedAt.Add(time.Hour)
	for _, header := range []string{
		token.Header, strings.ReplaceAll(token.Header, "; ", ";\t "), strings.Replace(token.Header, token.LocalPart, strings.ToUpper(token.LocalPart), 1),
	} {
		got, err := key.Verify(header, later)
		if err != nil || got != token.Issued {
			t.Errorf("%q: %+v, %v; want %+v", header, got, err, token.Issued)
		}
	}
	for _, local := range []string{token.LocalPart, strings.ToUpper(token.LocalPart)} {
		if serial, at, err := key.Recognize(local, later); serial != token.Serial || !at.Equal(issuedAt) || err != nil {
			t.Errorf("%q: %q issued %v, %v", local, serial, at, err)
		}
	}
}

func TestTokenForged(t *testing.T) {
	key, other := probe.NewKey(), probe.NewKey()
	token, foreign := issue(key), issue(other)
	header := func(old, new string) string {
		if !strings.Contains(token.Header, old) {
			t.Fatalf("%q does not contain %q", token.Header, old)
		}
		return strings.ReplaceAll(token.Header, old, new)
	}
	second := key.Issue("run7", "192.0.2.1:25", "plain", probe.Plain, issuedAt)
	for name, h := range map[string]string{
		"another key":      foreign.Header,
		"another target":   header("2001:db8::1", "2001:db8::2"),
		"another vector":   header("percent-own-domain", "plain"),
		"another way":      header("starttls", "plain"),
		"another run":      header("run7", "run8"),
		"another message":  header(token.LocalPart, second.LocalPart),
		"the address only": token.LocalPart,
		"a field more":     token.Header + "; also=this",
		"nothing":          "",
		"too long":         token.Header + strings.Repeat(" ", 1000),
	} {
		if got, err := key.Verify(h, issuedAt); !errors.Is(err, probe.ErrForged) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, local := range map[string]string{
		"another key": foreign.LocalPart, "cut": token.LocalPart[:32], "longer": token.LocalPart + "a",
		"another letter": "u" + token.LocalPart[1:], "nothing": "", "a word": "postmaster",
		"a bit changed": flip(token.LocalPart),
	} {
		if _, _, err := key.Recognize(local, issuedAt); !errors.Is(err, probe.ErrForged) {
			t.Errorf("%s: %q: %v", name, local, err)
		}
	}
}

func flip(local string) string {
	last := byte('a')
	if local[len(local)-1] == 'a' {
		last = 'b'
	}
	return local[:len(local)-1] + string(last)
}

func TestTokenExpires(t *testing.T) {
	key := probe.NewKey()
	token := issue(key)
	for d, want := range map[time.Duration]error{
		0: nil, probe.TokenLife: nil, probe.TokenLife + time.Second: probe.ErrExpired,
		-time.Hour: nil, -48 * time.Hour: probe.ErrExpired,
	} {
		if _, err := key.Verify(token.Header, issuedAt.Add(d)); !errors.Is(err, want) {
			t.Errorf("after %v: %v, want %v", d, err, want)
		}
	}
}

// Messages of one millisecond differ by 24 random bits: of twenty, two are the same once in 90,000 runs.
func TestTokensDiffer(t *testing.T) {
	key := probe.NewKey()
	seen := make(map[string]bool)
	for range 20 {
		seen[issue(key).Serial] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d serials of 20 messages", len(seen))
	}
}

func TestKeyText(t *testing.T) {
	key := probe.NewKey()
	text, err := key.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var again probe.Key
	if err := again.UnmarshalText(append(text, '\n')); err != nil || again != key {
		t.Errorf("%v, %v; want %v", again, err, key)
	}
	if strings.Contains(key.String(), string(text)) {
		t.Error("a key prints itself")
	}
	for _, bad := range []string{"", "x", string(text[1:]), string(text) + "a", strings.Repeat("a", 52)} {
		if err := again.UnmarshalText([]byte(bad)); !errors.Is(err, probe.ErrKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// One token, issued once and for all: what a scan of today marks, a catcher of tomorrow must know.
var (
	fixedKey   = probe.Key([]byte("0123456789abcdef0123456789abcdef"))
	fixedToken = probe.Token{
		Issued: probe.Issued{Run: "run7", Target: "[2001:db8::1]:25", Vector: "percent-own-domain", Via: probe.StartTLS,
			Serial: "agraqrx6ponbbhy", At: issuedAt},
		LocalPart: "tagraqrx6ponbbh3om7nedtun3xg2gix2",
		Header:    `tagraqrx6ponbbh3om7nedtun3xg2gix2; mac=gkp7nrxjnjune2qyvoyxbyvlou; run=run7; target="[2001:db8::1]:25"; vector=percent-own-domain; via=starttls`,
	}
)

func TestTokenFormatStays(t *testing.T) {
	if got, err := fixedKey.Verify(fixedToken.Header, issuedAt); err != nil || got != fixedToken.Issued {
		t.Errorf("%+v, %v; want %+v", got, err, fixedToken.Issued)
	}
	if serial, _, err := fixedKey.Recognize(fixedToken.LocalPart, issuedAt); err != nil || serial != fixedToken.Serial {
		t.Errorf("%q, %v; want %q", serial, err, fixedToken.Serial)
	}
	if got := fixedKey.Fingerprint(); got != "i2z6xauuquirfcvk5elzkkytzq" {
		t.Errorf("fingerprint %q", got)
	}
	if got := fixedKey.Answer("caaaaaaaaaaaaaaaa", "Relay.Test"); got != "5xpdspo7ds7uo5o36hbh62egcq" {
		t.Errorf("answer %q", got)
	}
}

// FuzzVerify: whatever verifies is what was issued, but for case and white space.
func FuzzVerify(f *testing.F) {
	token := fixedToken
	for row := range variants.Rows(2000,
		[]string{token.Header, token.LocalPart},
		[]string{token.LocalPart, strings.ToUpper(token.LocalPart)},
		[]string{strings.Replace(token.Header, "run7", "run8", 1), "t" + strings.Repeat("a", 32)},
	) {
		f.Add(row[0], row[1])
	}
	f.Fuzz(func(t *testing.T, header, local string) {
		if got, err := fixedKey.Verify(header, issuedAt); err == nil && got != token.Issued {
			t.Errorf("%q verifies as %+v, and was never issued", header, got)
		}
		if _, _, err := fixedKey.Recognize(local, issuedAt); err == nil && !strings.EqualFold(local, token.LocalPart) {
			t.Errorf("%q is recognized, and was never issued", local)
		}
	})
}
