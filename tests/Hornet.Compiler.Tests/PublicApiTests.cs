using Hornet.Compiler.IR;
using Hornet.Core.Tests.Structure;

namespace Hornet.Compiler.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_Compiler_is_the_approved_one() => PublicApiFile.Compare(typeof(IrModule).Assembly, "src/Hornet.Compiler/PublicAPI.approved.txt");
}
