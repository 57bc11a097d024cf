using System.Reflection;
using System.Runtime.CompilerServices;
using Hornet.Compiler.Diagnostics;
using Hornet.IL;

namespace Hornet.KernelTests.CSharp;

/// <summary>Methods that become functions of the program. That they compute the same is for the corpus.</summary>
public class FunctionTests
{
    private static readonly byte[] s_packet = new byte[64];

    [Theory]
    [InlineData("CalledTwice", 1)]
    [InlineData("Nested", 3)]
    [InlineData("LargeAndCalledOften", 1)]
    [InlineData("ConstantArgument", 2)]
    [InlineData("ReferenceResult", 0)]
    public void A_method_is_there_once_for_all_its_calls(string name, int functions)
    {
        var method = Assembly.Load("Hornet.Corpus.Release").GetType("Hornet.Corpus.Functions")!.GetMethod(name)!;
        Func<XdpContext, XdpAction> kernel = method.ReturnType == typeof(uint)
            ? Calls(method.CreateDelegate<Func<uint, uint, uint>>())
            : Calls(method.CreateDelegate<Func<int, int, int>>());
        var module = KernelCode.Xdp("calls", kernel).Translate();
        Assert.Equal(1 + functions, module.Functions.Count);
    }

    private static Func<XdpContext, XdpAction> Calls<T>(Func<T, T, T> method) where T : unmanaged =>
        ctx => ctx.TryRead(0, out T a) && ctx.TryRead(8, out T b) && method(a, b).Equals(a) ? XdpAction.Drop : XdpAction.Pass;

    [KernelFact]
    public void Sixty_calls_of_a_large_method_are_no_sixty_copies()
    {
        using BpfSession session = new();
        var program = session.LoadXdp(packet =>
        {
            uint h = packet.Data[0];
            h = Stir(Stir(Stir(Stir(Stir(Stir(h))))));
            h = Stir(Stir(Stir(Stir(Stir(Stir(h))))));
            h = Stir(Stir(Stir(Stir(Stir(Stir(h))))));
            h = Stir(Stir(Stir(Stir(Stir(Stir(h))))));
            h = Stir(Stir(Stir(Stir(Stir(Stir(h))))));
            return (XdpAction)(h & 0xff);
        });
        uint expected = 0;
        for (int i = 0; i < 30; i++) expected = Stir(expected);
        Assert.Equal(expected & 0xff, program.TestRun(s_packet).ReturnValue);
        Assert.InRange(program.GetInfo().TranslatedSize, 50u * 8, 1000u * 8);
    }

    [KernelFact]
    public void A_function_that_calls_itself_is_an_error()
    {
        using BpfSession session = new();
        var error = Assert.Throws<CompilationException>(() => session.LoadXdp(packet => (XdpAction)Down(packet.Data.Length)));
        Assert.Equal("HRN1005", Assert.Single(error.Diagnostics).Id);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Down(int n) => n == 0 ? 0 : Down(n - 1);

    // Large, so that it becomes a function by itself.
    private static uint Stir(uint x)
    {
        x ^= x << 13; x ^= x >> 17; x ^= x << 5; x *= 0x9E3779B1; x += 1; x ^= x << 7; x ^= x >> 9; x *= 0x85EBCA6B; x += 2;
        x ^= x << 11; x ^= x >> 19; x ^= x << 3; x *= 0xC2B2AE35; x += 3; x ^= x << 6; x ^= x >> 8; x *= 0x27D4EB2F; x += 4;
        x ^= x << 13; x ^= x >> 17; x ^= x << 5; x *= 0x9E3779B1; x += 5; x ^= x << 7; x ^= x >> 9; x *= 0x85EBCA6B; x += 6;
        x ^= x << 11; x ^= x >> 19; x ^= x << 3; x *= 0xC2B2AE35; x += 7; x ^= x << 6; x ^= x >> 8; x *= 0x27D4EB2F; x += 8;
        x ^= x << 13; x ^= x >> 17; x ^= x << 5; x *= 0x9E3779B1; x += 9; x ^= x << 7; x ^= x >> 9; x *= 0x85EBCA6B; x += 10;
        x ^= x << 11; x ^= x >> 19; x ^= x << 3; x *= 0xC2B2AE35; x += 11; x ^= x << 6; x ^= x >> 8; x *= 0x27D4EB2F; x += 12;
        x ^= x << 13; x ^= x >> 17; x ^= x << 5; x *= 0x9E3779B1; x += 13; x ^= x << 7; x ^= x >> 9; x *= 0x85EBCA6B; x += 14;
        x ^= x << 11; x ^= x >> 19; x ^= x << 3; x *= 0xC2B2AE35; x += 15; x ^= x << 6; x ^= x >> 8; x *= 0x27D4EB2F; x += 16;
        x ^= x << 13; x ^= x >> 17; x ^= x << 5; x *= 0x9E3779B1; x += 17; x ^= x << 7; x ^= x >> 9; x *= 0x85EBCA6B; x += 18;
        x ^= x << 11; x ^= x >> 19; x ^= x << 3; x *= 0xC2B2AE35; x += 19; x ^= x << 6; x ^= x >> 8; x *= 0x27D4EB2F; x += 20;
        return x;
    }
}
