package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"openrelay/probe/netaddr"
	"openrelay/probe/prober"
	"openrelay/report"
)

// authFlags is what the positive control takes. A password is never an argument: those are in
// every list of processes.
type authFlags struct {
	user     string
	password string // the file
	roots    string // the file
}

func (a *authFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&a.user, "auth", "", "`USER` to log in as, to show that the server relays for its own users")
	fs.StringVar(&a.password, "auth-password-file", "", "`FILE` with that user's password")
	fs.StringVar(&a.roots, "auth-ca", "", "`FILE` with certificates (PEM) to trust when logging in (the system's)")
}

// account is what the flags say, nil without --auth.
func (a *authFlags) account(u *ui, ranges bool) (*prober.Account, error) {
	usual := "openrelay scan --auth " + orUser(a.user) + " --auth-password-file password.txt mail.example.org"
	switch {
	case a.user == "" && a.password == "" && a.roots == "":
		return nil, nil
	case a.user == "":
		return nil, &usageError{"--auth-password-file and --auth-ca are for logging in, and nobody is to", usual}
	case !canLogIn(a.user):
		return nil, &usageError{fmt.Sprintf("--auth %q is neither a user nor an address", a.user), "openrelay scan --auth user@example.org --auth-password-file password.txt mail.example.org"}
	case a.password == "":
		return nil, &usageError{"--auth without a password", usual}
	case a.password == "-":
		return nil, &usageError{"standard input is for targets, not for a password", usual}
	case ranges:
		return nil, &usageError{"a password is for servers that are named, not for ranges", usual}
	}
	account := &prober.Account{User: a.user}
	var err error
	if account.Password, err = readPassword(u, a.password, usual); err != nil {
		return nil, err
	}
	if a.roots == "" {
		return account, nil
	}
	pem, err := readSmall(a.roots, mostCertificates, "which are no certificates")
	if err != nil {
		return nil, &usageError{fmt.Sprintf("cannot read the certificates %q: %v", a.roots, err), ""}
	}
	account.Roots = x509.NewCertPool()
	if !account.Roots.AppendCertsFromPEM(pem) {
		return nil, &usageError{fmt.Sprintf("%q holds no certificate", a.roots), "openssl s_client -starttls smtp -showcerts -connect mail.example.org:25 </dev/null >ca.pem  (and make sure that it is the right one)"}
	}
	return account, nil
}

func orUser(user string) string {
	if !canLogIn(user) {
		return "user@example.org"
	}
	return user
}

// canLogIn: the user stands in MAIL FROM too, alone or before an own domain.
func canLogIn(user string) bool {
	local, domain, at := strings.Cut(user, "@")
	odd := strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>"\\(),:;[]`, r) })
	return local != "" && !odd && (!at || netaddr.Name(domain))
}

// mostPassword is the longest password, in octets: encoded, it must fit into a line.
const mostPassword = 500

// readPassword reads the first line of a file. It says so where others can read it too; what is wrong
// with a password is said without it.
func readPassword(u *ui, file, hint string) (prober.Secret, error) {
	text, err := readSmall(file, mostSecret, "which is no password")
	if err != nil {
		return "", &usageError{fmt.Sprintf("cannot read the password from %q: %v", file, err), hint}
	}
	password, rest, _ := strings.Cut(string(text), "\n")
	password = strings.TrimSuffix(password, "\r")
	switch {
	case password == "":
		return "", &usageError{fmt.Sprintf("%q begins with an empty line, which is no password", file), hint}
	case strings.TrimSpace(rest) != "":
		return "", &usageError{fmt.Sprintf("%q holds more than a password on one line", file), hint}
	case strings.ContainsAny(password, "\x00\r"), len(password) > mostPassword:
		return "", &usageError{fmt.Sprintf("what %q holds is no password: it has odd characters, or over %d", file, mostPassword), hint}
	}
	info, err := os.Stat(file)
	if err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		u.say("warning: others can read the password in %s", report.Printable(file))
		u.say("hint: chmod 600 %s", report.Printable(file))
	}
	return prober.Secret(password), nil
}
