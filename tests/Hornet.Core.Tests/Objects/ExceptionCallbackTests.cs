using Hornet.Core.Tests.Elf;
using Hornet.Objects;

namespace Hornet.Core.Tests.Objects;

public class ExceptionCallbackTests
{
    private static string Source(string callback, string target = "recover") => $$"""
        #define SEC(name) __attribute__((section(name), used))
        #define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))
        void bpf_throw(unsigned long long cookie) __attribute__((section(".ksyms")));
        static __attribute__((noinline)) int deeper(int x) { return x + 1; }
        {{callback}} int recover(unsigned long long cookie) { return deeper(cookie); }
        SEC("tc") __exception_cb({{target}}) int thrower(void *ctx) { bpf_throw(41); return 1; }
        SEC("tc") int other(void *ctx) { return 2; }
        """;

    [Fact]
    public void The_callback_and_what_it_calls_travel_with_the_program_that_names_it()
    {
        var spec = BpfObject.Parse(Compile.Bpf(Source("__attribute__((noinline))")), "throw.bpf.o");
        Assert.Equal(["other", "thrower"], spec.Programs.Select(p => p.Name).Order());
        Assert.Equal(["thrower", "recover", "deeper"], spec.Programs["thrower"].Instructions.Select(i => i.Symbol).OfType<string>());
        Assert.Equal(["other"], spec.Programs["other"].Instructions.Select(i => i.Symbol).OfType<string>());

        var again = BpfObject.Parse(spec.ToElf(), "throw.bpf.o");
        Assert.Equal(ObjectText.Describe(spec), ObjectText.Describe(again));
    }

    [Theory]
    [InlineData("__attribute__((noinline, visibility(\"hidden\")))", "recover", "must be a global function that is not hidden")]
    [InlineData("static __attribute__((noinline, used))", "recover", "must be a global function that is not hidden")]
    [InlineData("__attribute__((noinline))", "nobody", "names 'nobody' as its exception callback, which does not exist")]
    public void A_callback_that_cannot_be_one_is_refused_by_name(string attributes, string target, string message)
    {
        var e = Assert.Throws<BpfFormatException>(() => BpfObject.Parse(Compile.Bpf(Source(attributes, target)), "throw.bpf.o"));
        Assert.Contains(message, e.Message);
    }
}
