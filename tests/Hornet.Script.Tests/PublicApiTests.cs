using Hornet.Core.Tests.Structure;
using Hornet.Script.Source;

namespace Hornet.Script.Tests;

public class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Hornet_Script_is_the_approved_one() => PublicApiFile.Compare(typeof(SourceText).Assembly, "src/Hornet.Script/PublicAPI.approved.txt");
}
