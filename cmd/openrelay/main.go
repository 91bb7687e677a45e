// Command openrelay tells whether a stranger would be able to send mail through a server.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"openrelay/probe/words"
)

func main() {
	tuneCollector()
	surviveReaders()
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit statuses beside those of a scan, which report.Summary decides.
const (
	statusUsage       = 2   // usage or configuration error, results that could not be written, no network any more
	statusUnanswered  = 3   // a bounce does not say whom to ask about, or the DNS not whom to test
	statusInterrupted = 130 // as a shell says of SIGINT
	statusUnread      = 141 // as a shell says of SIGPIPE: whoever read the results has seen enough
)

// exitStatus is an error that has been reported already: only the status is left to say.
type exitStatus int

func (exitStatus) Error() string { return "" }

// commands lists the subcommands. The help sorts them.
var commands = []func(*ui) *cobra.Command{
	scanCommand,
	reportCommand,
	diffCommand,
	demoCommand,
	catchCommand,
	vectorsCommand,
	explainCommand,
	blocklistCommand,
	manCommand,
	versionCommand,
}

// run is the whole program. The first SIGINT, SIGTERM or SIGHUP ends it in order, a later one at once; but what
// comes together is one: timeout(1) sends its signal to the process and to its group.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ends := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as by nohup
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(ctx, ends...)
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(100*time.Millisecond, stop) })

	u := &ui{stdin: stdin, stdout: stdout, stderr: stderr, input: &input{ctx: ctx, r: stdin}}
	root := rootCommand(u)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil && u.unwritten != nil {
		err = fmt.Errorf("cannot write: %w", u.unwritten)
	}
	var status exitStatus
	switch {
	case u.input.interrupted.Load():
		u.say("interrupted while reading standard input")
		return statusInterrupted
	case errors.As(err, &status):
		return int(status)
	case err == nil:
		return 0
	case errors.Is(err, syscall.EPIPE):
		return statusUnread
	}
	u.failed(err)
	return statusUsage
}

func rootCommand(u *ui) *cobra.Command {
	root := &cobra.Command{
		Use:   "openrelay",
		Short: "Tell whether a stranger would be able to send mail through a server",
		Long: `openrelay tells whether a stranger would be able to send mail through a server.

It tries MAIL FROM and RCPT TO with foreign domains and without authentication, in
every form known to have opened a server, and says open, closed, unreachable or
inconclusive, with the dialogue that proves it, the cause and the fix. No message
is sent unless --proof deliver asks. Test only your own servers, or with permission.`,
		Example:       "  openrelay demo\n  openrelay scan mail.example.org\n  openrelay scan --authorized \"Ada Admin, CHG-1234\" 198.18.0.0/22",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			if err := cmp.Or(fromEnvironment(cmd), u.checkColour(cmd)); err != nil {
				return err
			}
			return u.listFiles(cmd, args) // which the environment has a say in
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(u.stdin)
	root.SetOut(printer{u})
	root.SetErr(u.stderr)
	root.PersistentFlags().StringVar(&u.colour, "color", "auto", "`WHEN` to use colour: auto, always or never")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		msg, _, _ := strings.Cut(err.Error(), ": strconv.") // what Go calls the mistake helps nobody
		return &usageError{msg + rightFlag(cmd, err), cmd.CommandPath() + " " + cmp.Or(rightValue(cmd, err), "--help")}
	})
	for _, command := range commands {
		root.AddCommand(command(u))
	}
	checkWords(root)
	return root
}

// checkWords makes cobra's own commands refuse what is none: else they print the general help, with success.
func checkWords(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err != nil {
					return err
				}
				return knownCommand(found, rest)
			}
		case "completion":
			cmd.Args = knownCommand
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// rightFlag says which flag was probably meant, where err is about one that there is not.
func rightFlag(cmd *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := words.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return ", did you mean --" + near + "?"
	}
	return ""
}

// rightValue is the flag that err is about with a value that it would take, or "".
func rightValue(cmd *cobra.Command, err error) string {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return ""
	}
	examples := map[string]string{"duration": "30s", "uintSlice": "25,587", "int": "100", "uint64": "1", "float64": "50"}
	example, ok := examples[wrong.GetFlag().Value.Type()]
	if !ok {
		return ""
	}
	hint := "--" + wrong.GetFlag().Name + " " + example
	if strings.Contains(cmd.Use, "TARGET") {
		hint += " TARGET"
	}
	return hint
}

// knownCommand refuses what is no subcommand, and says which one may have been meant.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := cmd.CommandPath() + " --help"
	if strings.ContainsAny(args[0], ".:/@") { // a target, without the word before it
		hint = cmd.CommandPath() + " scan " + strings.Join(args, " ")
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near := words.Nearest(args[0], names); near != "" {
		hint = strings.Join(append([]string{cmd.CommandPath(), near}, args[1:]...), " ")
	}
	return &usageError{fmt.Sprintf("unknown command %q", args[0]), hint}
}

// fromEnvironment sets flags that were not given from OPENRELAY_*: --per-network from
// OPENRELAY_PER_NETWORK.
func fromEnvironment(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := "OPENRELAY_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := os.LookupEnv(name)
		if f.Changed || !ok || value == "" || failed != nil {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			msg, _, _ := strings.Cut(err.Error(), ": strconv.")
			failed = &usageError{name + ": " + msg, "env -u " + name + " " + cmd.CommandPath()}
		}
	})
	return failed
}

func versionCommand(u *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			u.print("openrelay %s\n", version())
			return nil
		},
	}
}

// release is the version of a released build, set by the linker and never after.
var release string

// version is the release, else the module's version, else the commit it was built from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	if v == "" || v == "(devel)" {
		return "devel"
	}
	return v
}
