using Hornet.Compiler.IR;

namespace Hornet.Compiler.Tests.IR;

/// <summary>Editing keeps users, predecessors and phis in step.</summary>
public class IrEditTests
{
    [Fact]
    public void Replacing_a_value_replaces_every_use()
    {
        IrModule module = new("m", ProgramType.Syscall);
        var function = module.AddFunction("main", IrType.I32);
        var n = function.AddParameter(IrType.I32);
        IrBuilder builder = new(function.AddBlock("entry"));
        var sum = builder.Add(n, n);
        builder.Return(builder.Add(sum, sum));
        Assert.Equal(2, sum.Users.Count);
        sum.ReplaceAllUsesWith(n);
        Assert.True(sum.IsUnused);
        Assert.Equal(4, n.Users.Count);
    }

    [Fact]
    public void Constants_are_folded_while_building()
    {
        IrModule module = new("m", ProgramType.Syscall);
        var function = module.AddFunction("main", IrType.I32);
        IrBuilder builder = new(function.AddBlock("entry"));
        var value = builder.Binary(BinaryOperator.Mul, builder.Add(Constant.Int32(int.MaxValue), Constant.Int32(1)), Constant.Int32(1));
        Assert.Equal(int.MinValue, Assert.IsType<Constant>(value).Number);
        Assert.Equal(0xfe, Assert.IsType<Constant>(builder.Convert(ConversionKind.ZeroExtend8, Constant.Int32(-2), IrType.I64)).Number);
    }

    [Fact]
    public void Ending_a_block_another_way_tells_the_blocks_it_went_to()
    {
        var module = IrParser.Parse("func main(%n: i32) -> i32 {\nentry:\n  br %n, a, b\na:\n  jump b\nb:\n  %x = phi i32 [entry: 1, a: 2]\n  ret %x\n}");
        var function = module.EntryFunction;
        function.Entry.ReplaceTerminator(new Jump(function.Blocks[1]));
        Assert.Equal("a", Assert.Single(function.Blocks[2].Predecessors).Name);
        Assert.Single(function.Blocks[2].Phis.Single().Operands);
        Assert.Empty(IrVerifier.Check(module));
    }

    [Fact]
    public void Read_only_data_holds_equal_bytes_once()
    {
        IrModule module = new("m", ProgramType.Syscall);
        int first = module.ReadOnlyData.Add("hello"u8, 1);
        Assert.Equal(first, module.ReadOnlyData.Add("hello"u8, 1));
        Assert.Equal(first + 1, module.ReadOnlyData.Add("ell"u8, 1));
        Assert.Equal(8, module.ReadOnlyData.Add([1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(16u, module.ReadOnlyData.Map!.Spec.ValueSize);
    }
}
