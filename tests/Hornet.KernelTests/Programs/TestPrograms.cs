using Hornet.Isa;
using Hornet.Programs;

namespace Hornet.KernelTests.Programs;

/// <summary>Tiny programs the tests of this folder share.</summary>
internal static class TestPrograms
{
    public static ProgramSpec Spec(ProgramType type, Assembler code) =>
        new() { Name = "hornet_test", Type = type, Instructions = code.Build() };

    /// <summary>A program of the type that only returns a value.</summary>
    public static ProgramSpec Returning(ProgramType type, int value = 0) => Spec(type, new Assembler().Mov(Register.R0, value).Exit());
}
