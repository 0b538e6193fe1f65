import { nameKey } from "./names.ts";

/**
 * The passwords that are tried first, of eight characters or more; shorter ones are refused anyway
 * (OWASP ASVS 6.2.4). Sorted, so that one can look.
 */
const LIST = `
!@#$%^&* !@#$%^&*( !@#$%^&*() !@#123456 !qaz2wsx !qaz@wsx 00000000 000000000 0000000000 01010101
01234567 0123456789 0987654321 0okm9ijn 10101010 1010101010 11111111 111111111 1111111111
11111111a 11112222 11223344 1122334455 112233445566 11335577 12121212 12122012 123!@#qwe 12301230
123123123 1231231234 123321123 123321qwe 1234!@#$ 12341234 123412345 12344321 12345123 1234512345
123454321 1234554321 123456!@# 12345678 123456781 123456789 1234567890 1234567890q 1234567891
12345678910 123456789a 123456789abc 123456789q 123456789z 12345678a 12345679 1234567a 123456aa
123456ab 123456abc 123456asd 123456qwerty 12345abc 12345qwert 1234abcd 1234asdf 1234qwer 1234zxcv
123654789 123abc123 123password 123qwe123 123qweasd 123qweasdzxc 12qwaszx 12wq12wq 13131313
135791113 13579135 135792468 1357924680 14141414 147147147 147258369 147852369 15151515 159159159
159357258 159753456 16161616 16180339 17171717 18181818 19191919 19841984 1a2b3c4d 1azertyuiop
1password 1q1q1q1q 1q2w3e!@# 1q2w3e4r 1q2w3e4r! 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws3ed 1qaz!qaz
1qaz2wsx 1qaz2wsx3edc 1qaz@wsx 1qazxsw2 1w2q3r4e 1z2x3c4v 20002000 20012001 20102010 20122012
20202020 20202021 21212121 22222222 22446688 23232323 2468013579 246813579 24682468 25252525
27182818 2pacshakur 31415926 314159265 3141592654 321321321 33333333 3edc4rfv 42424242 44444444
456456456 50cent50 55555555 55667788 66666666 666666666 6666666666 66778899 69696969 741852963
77777777 7777777a 77889900 78787878 789456123 789789789 87654321 88888888 888888888 951753852
963852741 987654321 9876543210 98989898 99887766 998877665544 99999999 9ol0p1q2 a1234567 a12345678
a123456789 a1b2c3d4 a1b2c3d4e5 aa123456 aa12345678 aaa11111 aaaa1111 aaaaaa11 aaaaaaaa aaaaaaaaa
aaaaaaaaaa aaaabbbb aabbccdd aabbccddee abababab abc!@#123 abc12345 abc123456 abc123abc abcabc123
abcabcabc abcd1234 abcd12345 abcd123456 abcd@1234 abcde123 abcde12345 abcdef123 abcdefg1
abcdefg123 abcdefgh abcdefgh1 abcdefghi abcdefghij abcdefghijk abdullah abdullah1 abracadabra
access00 access007 access01 access11 access111 access12 access123 access1234 access12345 access13
access14 access21 access22 access23 access69 access77 access88 access99 acdcacdc admin007 admin111
admin123 admin1234 admin12345 admin@123 admin@1234 administrator airforce airplane alejandra
alejandro alessandro alexander alexander1 alexander123 alexandra alexandra1 alexandre
alhamdulillah allah786 allahuakbar alpha123 alphabet alphabet1 alphabeta amanda00 amanda007
amanda01 amanda11 amanda111 amanda12 amanda123 amanda1234 amanda13 amanda21 amanda22 amanda23
amanda69 amanda77 amanda88 amanda99 amazing1 america1 america123 amoremio anderson andrea123
andrew00 andrew007 andrew01 andrew11 andrew111 andrew12 andrew123 andrew1234 andrew12345 andrew13
andrew21 andrew22 andrew23 andrew69 andrew77 andrew88 andrew99 android1 angel007 angel111 angel123
angel1234 angelina angelina1 angels00 angels007 angels01 angels11 angels111 angels12 angels123
angels1234 angels13 angels21 angels22 angels23 angels69 angels77 angels88 angels99 anniversary
anonymous anonymous1 anthony00 anthony007 anthony01 anthony1 anthony11 anthony111 anthony12
anthony123 anthony1234 anthony13 anthony2 anthony21 anthony22 anthony23 anthony69 anthony7
anthony77 anthony88 anthony99 antonella apple123 apple1234 archangel argentina arsenal00
arsenal007 arsenal01 arsenal1 arsenal11 arsenal111 arsenal12 arsenal123 arsenal1234 arsenal12345
arsenal13 arsenal2 arsenal21 arsenal22 arsenal23 arsenal69 arsenal7 arsenal77 arsenal88 arsenal99
asasasas asd123456 asdasd123 asdasdasd asdf1234 asdf12345 asdf@1234 asdfasdf asdfg123 asdfghj1
asdfghjk asdfghjkl asdfghjkl1 asdfjkl; asdqwe123 asdzxc123 ashley00 ashley007 ashley01 ashley11
ashley111 ashley12 ashley123 ashley1234 ashley12345 ashley13 ashley21 ashley22 ashley23 ashley69
ashley77 ashley88 ashley99 assassin1 asshole1 asshole123 audi1234 austin123 australia autumn00
autumn007 autumn01 autumn11 autumn111 autumn12 autumn123 autumn1234 autumn12345 autumn13 autumn21
autumn22 autumn23 autumn69 autumn77 autumn88 autumn99 awesome1 awesome123 azerty12 azerty123
azertyui azertyuiop babyblue babyboy1 babyboy123 babydoll babyface babygirl babygirl1 babygirl12
babygirl123 babyphat1 badboy123 badgirl1 bailey00 bailey007 bailey01 bailey11 bailey111 bailey12
bailey123 bailey1234 bailey13 bailey21 bailey22 bailey23 bailey69 bailey77 bailey88 bailey99
banana00 banana007 banana01 banana11 banana111 banana12 banana123 banana1234 banana12345 banana13
banana21 banana22 banana23 banana69 banana77 banana88 banana99 bananas1 bangladesh banking1
barbara1 barcelona barcelona1 barcelona10 baseball baseball00 baseball007 baseball01 baseball1
baseball11 baseball111 baseball12 baseball123 baseball1234 baseball12345 baseball13 baseball2
baseball21 baseball22 baseball23 baseball69 baseball7 baseball77 baseball88 baseball99 basketball
basketball1 basketball12 basketball23 batman00 batman007 batman01 batman11 batman111 batman12
batman123 batman1234 batman12345 batman13 batman21 batman22 batman23 batman69 batman77 batman88
batman99 bayern123 bear1234 beatles1 beautiful beer1234 beerbeer beijing1 bella123 bella1234
benfica1 benjamin benjamin1 bestfriend bestfriends bigboss1 bigboy123 bigdaddy bigdick1 bigtits1
birthday birthday1 bismillah bismillah786 bitch123 bitches1 biteme123 black123 blackberry
blackberry1 blackbird blackblack blackcat blackcat1 blackdragon blackhole blackjack blackjack1
blessed1 blessed123 blessing blink182 blink1821 blowjob1 blue1234 blue12345 blueberry blueblue
blueeyes bluemoon bluesky1 bmw12345 bmwbmwbmw boeing747 bond007007 bonita123 bonjour1 bonjour123
boobies1 boobs123 borussia brandon1 brandon123 brasil123 bravo123 brian123 brittany brittany1
brother1 brownie1 buddy007 buddy111 buddy123 buddy1234 budweiser bullshit bunny123 business
business1 buster00 buster007 buster01 buster11 buster111 buster12 buster123 buster1234 buster12345
buster13 buster21 buster22 buster23 buster69 buster77 buster88 buster99 butterfly butterfly1
butterfly123 butterfly2 bvcxznm1 california california1 camaro123 canada123 candy123
captainamerica carlos12 carlos123 caroline caroline1 cassandra catherine catlover celtic123
celtic1888 champion champion1 changeme changeme1 changeme123 charlie00 charlie007 charlie01
charlie1 charlie11 charlie111 charlie12 charlie123 charlie1234 charlie12345 charlie13 charlie2
charlie21 charlie22 charlie23 charlie69 charlie7 charlie77 charlie88 charlie99 charlotte
charlotte1 cheerleader cheese123 cheesecake cheetah1 chelsea00 chelsea007 chelsea01 chelsea1
chelsea11 chelsea111 chelsea12 chelsea123 chelsea1234 chelsea12345 chelsea13 chelsea2 chelsea21
chelsea22 chelsea23 chelsea69 chelsea7 chelsea77 chelsea88 chelsea99 chelseafc chemistry cherry123
chevrolet chevy123 chicago1 chicago123 chicken1 chicken123 china123 chloe123 chocolate chocolate1
chocolate12 chouchou chris123 chris1234 christ123 christian christian1 christmas christmas1
christopher christopher1 ciaociao cisco123 cjkysirj claudia1 claudia123 cocacola cocaine1 coconut1
coffee12 coffee123 college1 colombia company1 company123 computer computer00 computer007
computer01 computer1 computer11 computer111 computer12 computer123 computer1234 computer12345
computer13 computer2 computer21 computer22 computer23 computer69 computer7 computer77 computer88
computer99 contrasena contraseña cookie00 cookie007 cookie01 cookie11 cookie111 cookie12 cookie123
cookie1234 cookie12345 cookie13 cookie21 cookie22 cookie23 cookie69 cookie77 cookie88 cookie99
cookies1 corinthians corona123 correcthorsebatterystaple corvette corvette00 corvette007
corvette01 corvette1 corvette11 corvette111 corvette12 corvette123 corvette1234 corvette13
corvette2 corvette21 corvette22 corvette23 corvette69 corvette7 corvette77 corvette88 corvette99
counterstrike courtney courtney1 cowboy123 cowboys00 cowboys007 cowboys01 cowboys1 cowboys11
cowboys111 cowboys12 cowboys123 cowboys1234 cowboys12345 cowboys13 cowboys2 cowboys21 cowboys22
cowboys23 cowboys69 cowboys7 cowboys77 cowboys88 cowboys99 cowgirl1 crazy123 crazyboy crazygirl
cricket1 cricket123 cristiano cristiano7 cristina crystal1 crystal123 cupcake1 cupcakes cutegirl
cutiepie daddy123 daddysgirl daisy123 daniel00 daniel007 daniel01 daniel11 daniel111 daniel12
daniel123 daniel1234 daniel12345 daniel13 daniel21 daniel22 daniel23 daniel69 daniel77 daniel88
daniel99 danielle danielle1 database database1 david123 david1234 deadpool1 debian123 december
december1 december25 default1 delta123 destroyer deutschland developer devil666 diamond00
diamond007 diamond01 diamond1 diamond11 diamond111 diamond12 diamond123 diamond1234 diamond12345
diamond13 diamond2 diamond21 diamond22 diamond23 diamond69 diamond7 diamond77 diamond88 diamond99
diamonds disney00 disney007 disney01 disney11 disney111 disney12 disney123 disney1234 disney13
disney21 disney22 disney23 disney69 disney77 disney88 disney99 dlink123 docker123 doctor123
doglover dollar123 dolphin1 dolphin123 dolphins dolphins1 doudou123 dragon00 dragon007 dragon01
dragon11 dragon111 dragon12 dragon123 dragon1234 dragon12345 dragon13 dragon21 dragon22 dragon23
dragon69 dragon77 dragon88 dragon99 dragonball dragonball1 dragonballz dragonfly drummer1
dsadsadsa ducati123 duckduck eagle123 eagles123 eduardo1 eduardo123 edward123 eight888 elephant
elephant1 eleven11 elizabeth elizabeth1 emerald1 emily123 emily1234 eminem12 eminem123 england1
england123 english1 english123 enter123 enterprise enterprise1 espresso estrella evanescence
everton1 everybody everything everything1 excellent facebook facebook1 facebook123 faith123
falcon123 fall2020 familia1 family123 fantastic father123 february federica fernanda fernando
ferrari00 ferrari007 ferrari01 ferrari1 ferrari11 ferrari111 ferrari12 ferrari123 ferrari1234
ferrari13 ferrari2 ferrari21 ferrari22 ferrari23 ferrari69 ferrari7 ferrari77 ferrari88 ferrari99
finance1 fire1234 fireball firebird firefire firefly1 fireman1 fireman123 flamengo florida1
flower00 flower007 flower01 flower11 flower111 flower12 flower123 flower1234 flower12345 flower13
flower21 flower22 flower23 flower69 flower77 flower88 flower99 flowers1 football football00
football007 football01 football1 football10 football11 football111 football12 football123
football1234 football12345 football13 football2 football21 football22 football23 football69
football7 football77 football88 football99 footballer ford1234 forever1 forever123 fortnite1
fortnite123 forzamilan fourfour francesco freedom00 freedom007 freedom01 freedom1 freedom11
freedom111 freedom12 freedom123 freedom1234 freedom12345 freedom13 freedom2 freedom21 freedom22
freedom23 freedom69 freedom7 freedom77 freedom88 freedom99 freshman friday123 friday13 friends1
friends4ever friendship frodo123 fucker123 fuckme123 fuckoff1 fuckthis fuckyou! fuckyou1 fuckyou12
fuckyou123 fuckyou2 fuckyou69 funny123 fussball futbol123 futebol1 gabriel1 gabriel123 gabriela
gabrielle gamecube gamer123 gamma123 gandalf1 gandalf123 ganesh123 gangsta1 gangster gangster1
george00 george007 george01 george11 george111 george12 george123 george1234 george12345 george13
george21 george22 george23 george69 george77 george88 george99 germany1 gfhjkm123 gfhjkmgfhjkm
ghbdtn123 ghbdtnghbdtn ginger00 ginger007 ginger01 ginger11 ginger111 ginger12 ginger123
ginger1234 ginger12345 ginger13 ginger21 ginger22 ginger23 ginger69 ginger77 ginger88 ginger99
giraffe1 giuseppe gmail123 godbless godisgood godisgreat godislove golden00 golden007 golden01
golden11 golden111 golden12 golden123 golden1234 golden12345 golden13 golden21 golden22 golden23
golden69 golden77 golden88 golden99 goldfish golf1234 golfer123 goodboy1 goodbye1 goodgirl
goodlife goodluck goodmorning goodnight google00 google007 google01 google11 google111 google12
google123 google1234 google12345 google13 google21 google22 google23 google69 google77 google88
google99 googlegoogle gorgeous gorgeous1 gorilla1 graduate grandma1 grandpa1 green123 green1234
greenday greenday1 greengreen guest123 guillermo guinness guitar123 guitarist gymnastics hacker123
hackers1 hackme123 halflife hallo123 hallo1234 halo1234 hamster1 handsome hannah12 hannah123
happiness happy123 happy1234 happyday happyhappy hardcore harley00 harley007 harley01 harley11
harley111 harley12 harley123 harley1234 harley13 harley21 harley22 harley23 harley69 harley77
harley88 harley99 harleydavidson harrypotter hawk1234 heather1 heather123 heaven123 heineken
hell1234 hellfire hello007 hello111 hello123 hello123! hello1234 hello12345 hellohello hellokitty
hellokitty1 helloworld history1 hjklhjkl hockey00 hockey007 hockey01 hockey11 hockey111 hockey12
hockey123 hockey1234 hockey12345 hockey13 hockey21 hockey22 hockey23 hockey69 hockey77 hockey88
hockey99 hocuspocus hogwarts hola1234 holahola honda123 honda1234 honey123 honeymoon hongkong1
horse123 horselover horses123 hotmail1 hunter00 hunter007 hunter01 hunter11 hunter111 hunter12
hunter123 hunter1234 hunter12345 hunter13 hunter21 hunter22 hunter23 hunter69 hunter77 hunter88
hunter99 hurricane husband1 hustler1 ibrahim1 ilovegod ilovegod1 iloveher1 ilovehim ilovehim1
ilovejesus iloveme1 ilovemom ilovemom1 ilovemusic ilovemycat ilovemydog ilovemyfamily ilovemyself
ilovesex iloveu12 iloveu123 iloveyou iloveyou! iloveyou1 iloveyou12 iloveyou123 iloveyou2
iloveyou3 iloveyou69 iloveyou7 iloveyouu india123 indonesia insane123 inshallah instagram
instagram1 internazionale internet internet00 internet007 internet01 internet1 internet11
internet111 internet12 internet123 internet1234 internet12345 internet13 internet2 internet21
internet22 internet23 internet69 internet7 internet77 internet88 internet99 iphone123 ireland1
ironmaiden ironmaiden1 ironman123 isabella isabella1 isabelle itachi123 jackdaniels jaguar123
jaimatadi james123 james1234 jamesbond jamesbond007 january1 japan123 jasmine00 jasmine007
jasmine01 jasmine1 jasmine11 jasmine111 jasmine12 jasmine123 jasmine1234 jasmine13 jasmine2
jasmine21 jasmine22 jasmine23 jasmine69 jasmine7 jasmine77 jasmine88 jasmine99 jenkins1 jennifer
jennifer00 jennifer007 jennifer01 jennifer1 jennifer11 jennifer111 jennifer12 jennifer123
jennifer1234 jennifer13 jennifer2 jennifer21 jennifer22 jennifer23 jennifer69 jennifer7 jennifer77
jennifer88 jennifer99 jessica00 jessica007 jessica01 jessica1 jessica11 jessica111 jessica12
jessica123 jessica1234 jessica12345 jessica13 jessica2 jessica21 jessica22 jessica23 jessica69
jessica7 jessica77 jessica88 jessica99 jesus123 jesus1234 jesuschrist jesusislord jesuslovesme
jesussaves jetaime1 jetaimeu jkl12345 john1234 john3161 john316316 johnjohn johnny123 jonathan
jonathan1 jordan00 jordan007 jordan01 jordan11 jordan111 jordan12 jordan123 jordan1234 jordan12345
jordan13 jordan21 jordan22 jordan23 jordan69 jordan77 jordan88 jordan99 joseph12 joseph123
joshua00 joshua007 joshua01 joshua11 joshua111 joshua12 joshua123 joshua1234 joshua13 joshua21
joshua22 joshua23 joshua69 joshua77 joshua88 joshua99 justin12 justin123 justinbieber juventus
karen123 katherine kathryn1 kawasaki kazakhstan kennwort kevin123 kevin1234 killbill killer00
killer007 killer01 killer11 killer111 killer12 killer123 killer1234 killer12345 killer13 killer21
killer22 killer23 killer69 killer77 killer88 killer99 kimberly kimberly1 kitten123 kittens1
kitty123 kittycat kittykat krishna1 krishna123 ladybug1 ladybug123 lakers00 lakers007 lakers01
lakers11 lakers111 lakers12 lakers123 lakers1234 lakers12345 lakers13 lakers21 lakers22 lakers23
lakers24 lakers69 lakers77 lakers88 lakers99 lamborghini laptop123 laughter laura123 lauren123
lavender ledzeppelin legolas1 leopard1 letmein! letmein00 letmein007 letmein01 letmein1 letmein11
letmein111 letmein12 letmein123 letmein1234 letmein12345 letmein13 letmein2 letmein21 letmein22
letmein23 letmein69 letmein7 letmein77 letmein88 letmein99 letmeinn liberty1 library1 lightning
lightning1 linda123 linkedin linkedin1 linkinpark linkinpark1 linksys1 linux123 lion1234 liverpool
liverpool00 liverpool007 liverpool01 liverpool1 liverpool11 liverpool111 liverpool12 liverpool123
liverpool1234 liverpool12345 liverpool13 liverpool2 liverpool21 liverpool22 liverpool23
liverpool69 liverpool7 liverpool77 liverpool88 liverpool99 liverpoolfc ljcneglfyst lkjhgfdsa
login007 login111 login123 login1234 login12345 logmein1 london12 london123 lonewolf
lordoftherings loremipsum losangeles loser123 loulou123 love1234 love4ever loveforever loveislife
loveless lovelove lovelove1 lovely00 lovely007 lovely01 lovely11 lovely111 lovely12 lovely123
lovely1234 lovely13 lovely21 lovely22 lovely23 lovely69 lovely77 lovely88 lovely99 lovelylove
loveme123 lover007 lover111 lover123 lover1234 loverboy lovergirl loveyou1 loveyou123 loveyou2
lucas123 lucifer1 lucifer666 lucky123 lucky1313 lucky777 lucky7777 macbook1 macintosh maggie00
maggie007 maggie01 maggie11 maggie111 maggie12 maggie123 maggie1234 maggie13 maggie21 maggie22
maggie23 maggie69 maggie77 maggie88 maggie99 mahmoud1 makemoney malaysia manager1 manager123
manchester manchesterunited manunited manutd123 maria123 maria1234 marie123 marijuana
marilynmanson marina123 marines1 mario123 mariposa mark1234 marketing marlboro marlboro1 married1
marseille martin123 martina1 master00 master007 master01 master11 master111 master12 master123
master1234 master12345 master13 master21 master22 master23 master69 master77 master88 master99
mathematics matrix123 matthew00 matthew007 matthew01 matthew1 matthew11 matthew111 matthew12
matthew123 matthew1234 matthew13 matthew2 matthew21 matthew22 matthew23 matthew69 matthew7
matthew77 matthew88 matthew99 maverick melissa1 melissa123 mercedes mercedes1 mercedesbenz
messi10messi metallica metallica1 mexico123 michael00 michael007 michael01 michael1 michael11
michael111 michael12 michael123 michael1234 michael12345 michael13 michael2 michael21 michael22
michael23 michael69 michael7 michael77 michael88 michael99 michelle michelle1 michelle123 mickey00
mickey007 mickey01 mickey11 mickey111 mickey12 mickey123 mickey1234 mickey13 mickey21 mickey22
mickey23 mickey69 mickey77 mickey88 mickey99 microsoft microsoft1 midnight midnight1 military
million1 millionaire minecraft minecraft1 minecraft123 minnie00 minnie007 minnie01 minnie11
minnie111 minnie12 minnie123 minnie1234 minnie13 minnie21 minnie22 minnie23 minnie69 minnie77
minnie88 minnie99 mnbvcxz1 mohamed1 mohammed mohammed1 mom12345 momanddad mommy123 monday123
money123 money1234 moneyman moneymoney monica123 monkey00 monkey007 monkey01 monkey11 monkey111
monkey12 monkey123 monkey1234 monkey12345 monkey13 monkey21 monkey22 monkey23 monkey69 monkey77
monkey88 monkey99 monkeyboy monkeyman monkeys1 moonlight moonlight1 moonshine motdepasse mother123
motorola mountain mountain1 muhammad muhammad1 music123 musiclover musicman mustafa1 mustang00
mustang007 mustang01 mustang1 mustang11 mustang111 mustang12 mustang123 mustang1234 mustang13
mustang2 mustang21 mustang22 mustang23 mustang69 mustang7 mustang77 mustang88 mustang99 mustanggt
mychemicalromance mylife123 mylove123 mylovemylove mypassword mypassword1 mysql123 naruto00
naruto007 naruto01 naruto11 naruto111 naruto12 naruto123 naruto1234 naruto13 naruto21 naruto22
naruto23 naruto69 naruto77 naruto88 naruto99 natalie1 natasha1 navyseal netgear1 network1
nevermind nevermore newpassword newpassword1 newport100 newyork1 newyork123 nicholas nicholas1
nicole00 nicole007 nicole01 nicole11 nicole111 nicole12 nicole123 nicole1234 nicole12345 nicole13
nicole21 nicole22 nicole23 nicole69 nicole77 nicole88 nicole99 ninja123 nintendo nirvana1
nirvana123 nissan123 nobody123 nokia123 nopassword nothing1 nothing123 november november1
number1number nurse123 ocean123 october1 october10 office123 oliver123 olivia123 omega123
omnamahshivay omsairam one2three onedirection onedirection1 onepiece1 onetwo12 onetwothree
opensesame oracle123 orange00 orange007 orange01 orange11 orange111 orange12 orange123 orange1234
orange12345 orange13 orange21 orange22 orange23 orange69 orange77 orange88 orange99 orchid123
oscar123 p@$$w0rd p@$$word p@ssw0rd p@ssw0rd! p@ssw0rd1 p@ssw0rd123 p@ssword pa$$word pa55word
packers1 pakistan pakistan1 pakistan123 palmeiras pancake1 panther1 panther123 panthers pass1234
pass12345 pass123456 pass@123 pass@1234 pass@word1 passcode1 passpass passpass1 passphrase
passw0rd passw0rd1 passw0rt password password! password!@# password#1 password. password0
password00 password007 password01 password02 password1 password1! password10 password11
password111 password12 password12! password123 password123! password1234 password12345
password123456 password13 password2 password2019 password2020 password2021 password2022
password2023 password2024 password2025 password2026 password21 password22 password23 password3
password321 password4 password5 password69 password7 password77 password8 password88 password9
password99 password@1 password@123 passwordpassword passwort passwort1 passwort123 patricia
patricia1 patrick1 patrick123 patriots patriots1 paul1234 peace123 peaceful peaches1 pearl123
penguin1 penguin123 penis123 pepper00 pepper007 pepper01 pepper11 pepper111 pepper12 pepper123
pepper1234 pepper12345 pepper13 pepper21 pepper22 pepper23 pepper69 pepper77 pepper88 pepper99
perfect1 perfect123 peter123 peter1234 philippines phoenix1 phoenix123 physics1 pineapple pink1234
pinkfloyd pinkfloyd1 pinkpink pinky123 pizza123 platinum playboy1 playboy123 playstation
playstation1 poiuytrewq pokemon00 pokemon007 pokemon01 pokemon1 pokemon11 pokemon111 pokemon12
pokemon123 pokemon1234 pokemon13 pokemon2 pokemon21 pokemon22 pokemon23 pokemon69 pokemon7
pokemon77 pokemon88 pokemon99 police123 porsche00 porsche007 porsche01 porsche1 porsche11
porsche111 porsche12 porsche123 porsche1234 porsche13 porsche2 porsche21 porsche22 porsche23
porsche69 porsche7 porsche77 porsche88 porsche911 porsche99 portugal postgres postgres1
postgres123 precious precious1 prettygirl princesa princess princess00 princess007 princess01
princess1 princess11 princess111 princess12 princess123 princess1234 princess12345 princess13
princess2 princess21 princess22 princess23 princess69 princess7 princess77 princess88 princess99
psycho123 puppies1 puppy123 purple00 purple007 purple01 purple11 purple111 purple12 purple123
purple1234 purple12345 purple13 purple21 purple22 purple23 purple69 purple77 purple88 purple99
pussy123 pussycat pussycat1 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qaz123456 qazwsx123 qazwsxed
qazwsxedc qazxcvbn qazxsw21 qqqqqqqq qwaszx12 qwaszxqwaszx qwe!@#123 qwe12345 qwe123456 qwe123qwe
qwe321321 qweasdzxc qweqwe123 qweqweqwe qwer!234 qwer1234 qwer@1234 qwerasdf qwert123 qwerty!@#
qwerty00 qwerty007 qwerty01 qwerty11 qwerty111 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty13
qwerty21 qwerty22 qwerty23 qwerty321 qwerty69 qwerty77 qwerty88 qwerty99 qwerty@123 qwertyqwerty
qwertyu1 qwertyu8 qwertyui qwertyuiop qwertz123 qwertzuiop rabbit123 rachel123 racing123 raiders1
rainbow1 rainbow12 rainbow123 ranger00 ranger007 ranger01 ranger11 ranger111 ranger12 ranger123
ranger1234 ranger12345 ranger13 ranger21 ranger22 ranger23 ranger69 ranger77 ranger88 ranger99
rangers1 raspberry raspberrypi realmadrid realmadrid1 realmadrid7 rebecca1 rebecca123 red12345
reddragon redred12 redrose1 redskins redsox123 ricardo1 ricardo123 richard1 robert00 robert007
robert01 robert11 robert111 robert12 robert123 robert1234 robert13 robert21 robert22 robert23
robert69 robert77 robert88 robert99 roberto1 roblox123 rockandroll rocknroll rockstar rockstar1
ronaldo7 root1234 root@123 rosebud1 roses123 rubyruby rumpelstiltskin runescape runescape1
running1 russia123 ryan1234 saibaba1 sales123 samantha samantha1 samantha123 samsung00 samsung007
samsung01 samsung1 samsung11 samsung111 samsung12 samsung123 samsung1234 samsung12345 samsung13
samsung2 samsung21 samsung22 samsung23 samsung69 samsung7 samsung77 samsung88 samsung99 samuel123
samurai1 sandra123 santiago santiago1 saopaulo sapphire sarah123 sarah1234 sasuke123 satan666
saturday schalke04 schatz123 school123 science1 scorpion scotland sebastian sebastian1 secret00
secret007 secret01 secret11 secret111 secret12 secret123 secret1234 secret12345 secret13 secret21
secret22 secret23 secret69 secret77 secret88 secret99 security security1 security123 senha123
senior123 september september1 server123 service1 seven777 sevenseven sex12345 sexsexsex sexy1234
sexyback sexybitch sexyboy1 sexygirl sexylady sexymama shadow00 shadow007 shadow01 shadow11
shadow111 shadow12 shadow123 shadow1234 shadow12345 shadow13 shadow21 shadow22 shadow23 shadow69
shadow77 shadow88 shadow99 shanghai shark123 shivshakti shooting sierra11 silver00 silver007
silver01 silver11 silver111 silver12 silver123 silver1234 silver12345 silver13 silver21 silver22
silver23 silver69 silver77 silver88 silver99 simon123 singapore sister123 skateboard skyline1
skyline123 skyrim123 skywalker skywalker1 slipknot slipknot1 slipknot666 smile123 smiley123
smirnoff smokeweed snapchat snoopy00 snoopy007 snoopy01 snoopy11 snoopy111 snoopy12 snoopy123
snoopy1234 snoopy13 snoopy21 snoopy22 snoopy23 snoopy69 snoopy77 snoopy88 snoopy99 snowball
snowboard snowboarding snowflake snowman1 snowwhite soccer00 soccer007 soccer01 soccer10 soccer11
soccer111 soccer12 soccer123 soccer1234 soccer12345 soccer13 soccer21 soccer22 soccer23 soccer69
soccer77 soccer88 soccer99 softball softball1 softball12 soldier1 soleil123 somebody something
something1 sometimes sommer123 sonic123 sonnenschein sophia123 sophie123 special1 speedrace
spiderman spiderman1 spiderman123 sporting spring00 spring007 spring01 spring11 spring111 spring12
spring123 spring1234 spring12345 spring13 spring21 spring22 spring23 spring69 spring77 spring88
spring99 srinivas starbucks starcraft starcraft2 stargate starlight startrek startrek1 starwars
starwars00 starwars007 starwars01 starwars1 starwars11 starwars111 starwars12 starwars123
starwars1234 starwars12345 starwars13 starwars2 starwars21 starwars22 starwars23 starwars69
starwars7 starwars77 starwars88 starwars99 steelers steelers1 stellina stephanie stephanie1
steve123 steven123 stoner420 strawberry strawberry1 student1 student12 student123 subaru123
sugar123 summer00 summer007 summer01 summer11 summer111 summer12 summer123 summer1234 summer12345
summer13 summer21 summer22 summer23 summer69 summer77 summer88 summer99 summertime sunday123
sunflower sunflower1 sunset123 sunshine sunshine00 sunshine007 sunshine01 sunshine1 sunshine11
sunshine111 sunshine12 sunshine123 sunshine1234 sunshine12345 sunshine13 sunshine2 sunshine21
sunshine22 sunshine23 sunshine69 sunshine7 sunshine77 sunshine88 sunshine99 supercalifragilistic
supergirl superman superman00 superman007 superman01 superman1 superman11 superman111 superman12
superman123 superman1234 superman12345 superman13 superman2 superman21 superman22 superman23
superman69 superman7 superman77 superman88 superman99 supernova superstar superstar1 support1
support123 surfing1 susan123 suzuki123 sweetgirl sweetheart sweetie1 sweetpea swimmer1 swimming
sysadmin1 teacher1 teacher123 teamo123 temp1234 temp12345 temporary temppass tennis123 tequiero
tequila1 terminator test1234 test12345 test123456 test@123 test@1234 tester123 testing1 testing123
testpass testtest testtest1 testuser texas123 thailand thebeatles thematrix thepassword
thequickbrownfox thomas00 thomas007 thomas01 thomas11 thomas111 thomas12 thomas123 thomas1234
thomas12345 thomas13 thomas21 thomas22 thomas23 thomas69 thomas77 thomas88 thomas99 three333
thuglife thuglife1 thunder1 thunder123 thursday tiger123 tiger1234 tigers123 tigger00 tigger007
tigger01 tigger11 tigger111 tigger12 tigger123 tigger1234 tigger13 tigger21 tigger22 tigger23
tigger69 tigger77 tigger88 tigger99 tokyo123 tomcat123 tomorrow toor1234 topsecret tornado1
tottenham toyota123 trustme1 trustno1 trustno1! trustnoone tuesday1 tupac123 turtle123 turtles1
twitter1 tyler123 tyuiop123 ubuntu123 uiopuiop ukraine1 unicorn1 unicorn123 unicorns university
unknown1 user1234 user12345 user@123 username username1 usmarine valentina valentine valentine1
vanessa1 vanessa123 veronica vfhbyf123 victoria victoria1 vietnam1 vietnam123 violet123 vodka123
volcano1 volkswagen volleyball volleyball1 warcraft warrior1 warriors wasd1234 wasdwasd water123
waterfall watermelon webmaster wedding1 wednesday weed4200 weed420420 welcome00 welcome007
welcome01 welcome1 welcome1! welcome11 welcome111 welcome12 welcome123 welcome1234 welcome12345
welcome13 welcome2 welcome2020 welcome2021 welcome2022 welcome2023 welcome2024 welcome21 welcome22
welcome23 welcome69 welcome7 welcome77 welcome88 welcome99 welcome@1 welcome@123 werewolf whatever
whatever! whatever1 whatever123 whatsapp whiskey1 white123 whitewhite william00 william007
william01 william1 william11 william111 william12 william123 william1234 william13 william2
william21 william22 william23 william69 william7 william77 william88 william99 windows1 windows10
windows7 windowsxp winner123 winter00 winter007 winter01 winter11 winter111 winter12 winter123
winter1234 winter12345 winter13 winter21 winter22 winter23 winter69 winter77 winter88 winter99
wireless wolf1234 wolfgang wolfpack wolverine wonderful wonderful1 wonderwoman worldofwarcraft
wwwwwwww xbox360123 xxxxxxxx yahoo123 yamaha123 yankees00 yankees007 yankees01 yankees1 yankees11
yankees111 yankees12 yankees123 yankees1234 yankees12345 yankees13 yankees2 yankees21 yankees22
yankees23 yankees69 yankees7 yankees77 yankees88 yankees99 yellow00 yellow007 yellow01 yellow11
yellow111 yellow12 yellow123 yellow1234 yellow12345 yellow13 yellow21 yellow22 yellow23 yellow69
yellow77 yellow88 yellow99 yesterday yourpassword youtube1 youtube123 yuiop123 zaq!2wsx zaq!xsw2
zaq12wsx zaq1xsw2 zelda123 zulu1234 zxc123!@# zxcv1234 zxcvbnm1 zxcvbnm123 zxcvbnmm zxcvzxcv
zzzzzzzz йцукен123 йцукенгш йцукенгшщз любовь123 марина123 наташа123 пароль123 пароль1234
парольпароль привет123 солнышко солнышко1 спартак1
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LIST.trim().split(/\s+/).map(nameKey));
