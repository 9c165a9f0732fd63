import { askHost } from "../sdk/call";
import { answerByStatus } from "../sdk/http";
import { readInput } from "../sdk/io";
import { Writer } from "../sdk/writer";

const request = readInput();
answerByStatus(request, askHost(new Writer().put('{"call":"http_request","request":').json(request).put("}")));
