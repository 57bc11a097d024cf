namespace Hornet.Script.Tests.Binding;

public class ErrorBindTests : BindTests
{
    [Theory]
    [InlineData("begin { printf(\"%d\\n\", \"x\"); }", "stdin:1:9-28: unsupported format specifier for type 'string[2]': d")]
    [InlineData("begin { printf(\"%d %d\\n\", 1); }", "stdin:1:9-29: not enough arguments for format string (1 supplied, 2 expected)")]
    [InlineData("begin { printf(); }", "stdin:1:9-17: printf() requires at least one argument (0 provided)")]
    [InlineData("begin { printf(5); }", "stdin:1:9-18: printf() expects a string literal (int provided)")]
    [InlineData("begin { exit(\"a\"); }", "stdin:1:9-18: exit() only supports int arguments (string provided)")]
    [InlineData("begin { clear(5); }", "stdin:1:15-16: clear() expects a map argument")]
    [InlineData("begin { print(@x); }", "stdin:1:15-17: Undefined map: @x")]
    [InlineData("begin { @x = count(); @x = 1; }", "stdin:1:23-29: Type mismatch for @x: trying to assign value of type 'int8' when map already has a type 'count_t'")]
    [InlineData("begin { @x = 1; @x = \"a\"; }", "stdin:1:17-25: Type mismatch for @x: trying to assign value of type 'string[2]' when map already has a type 'int8'")]
    [InlineData("begin { @x[1] = 1; @x = 1; }", "stdin:1:20-22: @x used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)")]
    [InlineData("begin { @x = 1; @x[1] = 1; }", "stdin:1:17-22: @x used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)")]
    [InlineData("begin { @x[1] = 1; @x[\"a\"] = 1; }", "stdin:1:20-27: Argument mismatch for @x: trying to access with arguments: 'string[2]' when map expects arguments: 'int8'")]
    [InlineData("begin { @x = hist(1); @y = @x; }", "stdin:1:23-30: Map value 'hist_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@y = hist(retval);`.")]
    [InlineData("begin { $x = hist(1); }", "stdin:1:14-21: hist() must be assigned directly to a map")]
    [InlineData("begin { @x = lhist(1, 0, 10, 0); }", "stdin:1:14-32: lhist() step must be >= 1 (0 provided)")]
    [InlineData("begin { @x = hist(1, 6); }", "stdin:1:14-24: hist: bits 6 must be 0..5")]
    [InlineData("begin { @a[1] = hist(5); print(@a[1]); }", "stdin:1:26-38: Map type hist_t cannot print the value of individual keys. You must print the whole map.")]
    [InlineData("begin { $x = 1; $x = \"a\"; }", "stdin:1:17-25: Type mismatch for $x: trying to assign value of type 'string[2]' when variable already has a type 'int8'")]
    [InlineData("begin { let $x: uint8 = 300; }", "stdin:1:9-28: Type mismatch for $x: trying to assign value of type 'int16' when variable already has a type 'uint8'")]
    [InlineData("begin { if (1) { $x = 1; } print($x); }", "stdin:1:34-36: Undefined or undeclared variable: $x")]
    [InlineData("begin { $x = 1; let $x = 2; }", "stdin:1:17-27: Variable $x was already declared. Variable shadowing is not allowed.")]
    [InlineData("begin { \"a\" + pid; }", "stdin:1:9-18: Type mismatch for '+': comparing string[2] with uint32")]
    [InlineData("begin { @x = args; }", "stdin:1:14-18: The args builtin can only be used with tracepoint, rawtracepoint, fentry/fexit, and uprobe probes (special used here)")]
    [InlineData("begin { @x = arg0; }", "stdin:1:14-18: The arg0 builtin can only be used with 'kprobes', 'uprobes' and 'usdt' probes")]
    [InlineData("kprobe:f { @x = retval; }", "stdin:1:17-23: The retval builtin can only be used with 'kretprobe' and 'uretprobe' and 'fentry' probes")]
    [InlineData("tracepoint:a:b { @x = args.nope; }", "stdin:1:23-32: Struct/union of type 'args' does not contain a field named 'nope'")]
    [InlineData("begin { system(\"ls\"); }", "stdin:1:9-21: system() is an unsafe function being used in safe mode")]
    [InlineData("kprobe:f { signal(9); }", "stdin:1:12-21: signal() is unsafe. To use you need the --unsafe flag")]
    [InlineData("begin { reg(\"ip\"); }", "stdin:1:9-18: reg can not be used with \"begin\" probes")]
    [InlineData("kprobe:f { reg(\"nope\"); }", "stdin:1:12-23: 'nope' is not a valid register on this architecture (x86_64)")]
    [InlineData("begin { print(kaddr(\"nope\")); }", "stdin:1:15-28: Failed to resolve kernel symbol: nope")]
    [InlineData("begin { for ($kv : @s) { } @s = 1; }", "stdin:1:20-22: Undefined map: @s\nstdin:1:28-30: @s used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)")]
    [InlineData("begin { unroll(101) { } }", "stdin:1:9-24: unroll maximum value is 100")]
    [InlineData("begin { break; }", "stdin:1:9-15: 'break' statement is not allowed in a probe")]
    [InlineData("begin { return \"a\"; }", "stdin:1:9-20: Probe return values can only be integers. Found string[2]")]
    [InlineData("begin { $x = (struct nope *)0; }", "stdin:1:15-28: Cannot resolve unknown type \"struct nope\"")]
    [InlineData("begin { $x = (bool)kstack; }", "stdin:1:14-20: Cannot cast from \"kstack_bpftrace_127\" to \"bool\"")]
    [InlineData("begin { print((1, 2).5); }", "stdin:1:15-23: Invalid tuple index: 5. Found 2 elements in tuple.")]
    [InlineData("begin { $s = \"foo\"; print($s[4]); }", "stdin:1:27-32: the index 4 is out of bounds for array of size 4")]
    [InlineData("let @a = potato(1); begin { }", "stdin:1:1-20: Invalid bpf map type: potato")]
    [InlineData("let @a = hash(2); begin { @a = count(); }", "stdin:1:27-29: Incompatible map types. Type from declaration: hash. Type from value/key type: percpuhash")]
    [InlineData("begin { fail(\"bad %s %d\", \"thing\", 5); }", "stdin:1:9-38: bad thing 5")]
    [InlineData("begin { print(pton(\"nope\")); }", "stdin:1:15-27: pton() expects an string argument of an IPv4/IPv6 address, got nope")]
    [InlineData("begin { @x[1] = 1; len(@x); @y = 1; len(@y); }", "stdin:1:37-44: call to len() expects a map with explicit keys (non-scalar map)")]
    [InlineData("begin { $x = 5; str($x, -1); }", "stdin:1:17-28: strcannot use negative length (-1)")]
    [InlineData("begin { if (kstack) { } }", "stdin:1:9-24: Invalid condition: kstack")]
    [InlineData("begin { print(if pid { 1 } else { \"a\" }); }", "stdin:1:15-40: Branches must return the same type or compatible types: have 'int8' and 'string[2]'")]
    [InlineData("interval:s:1 { @x = tseries(1, 1s, 5); @y = 1 ; @y = @x; }", "stdin:1:49-56: Map value 'tseries_t' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. `@y = tseries(rand %10, 10s, 1);`.")]
    [InlineData("kprobe:nonsense { }", "stdin:1:1-16: No matches for kprobe:nonsense.")]
    public void Mistakes_are_named_at_their_place(string script, string error) => Assert.Equal(error, Errors(script));

    [Fact]
    public void Several_mistakes_are_all_named() => Assert.Equal("""
        stdin:1:9-16: Unknown function: 'nope'
        stdin:1:23-28: Unknown identifier: 'never'
        stdin:1:43-54: strlen() requires one argument (2 provided)
        """, Errors("begin { nope(1); @x = never; } end { @y = strlen(1,2); }"));

    [Theory]
    [InlineData("begin { prinf(\"x\"); }", "Did you mean 'printf'?")]
    [InlineData("begin { print(curtask.comn); }", "Did you mean 'comm'?")]
    [InlineData("begin { $kk = 1; print($kj); }", "Did you mean $kk?")]
    [InlineData("begin { @x = nsec; }", "Did you mean 'nsecs'?")]
    public void What_was_meant_is_guessed(string script, string hint) => Assert.Contains(hint, TryBind(script).Diagnostics.All.SelectMany(d => d.Hints));

    [Theory]
    [InlineData("begin { 1 + pid; }", "stdin:1:9-16: Return value discarded.")]
    [InlineData("begin { let $x; }", "stdin:1:9-15: Variable $x was never assigned to.")]
    [InlineData("begin { return; print(1); }", "stdin:1:17-25: Unreachable statement.")]
    [InlineData("let @a = hash(5); begin { }", "stdin:1:1-18: Unused map: @a")]
    [InlineData("begin { @x = (uint64)1 + (int64)nsecs; }", "stdin:1:14-22: Expression of type: uint64 being cast to type: int64. This may cause unexpected results. Use an explicit cast to suppress this warning.")]
    [InlineData("begin { @x = (uint8)(uint8)1; }", "stdin:1:14-21: Unnecessary cast: expression is already of type uint8")]
    [InlineData("begin { @x = $1; }", "stdin:1:14-16: Positional parameter $1 is empty or not provided. ")]
    public void What_is_odd_is_warned_about(string script, string warning) => Assert.Equal(warning, Warnings(script));
}
