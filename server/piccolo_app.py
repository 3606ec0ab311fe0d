"""The one Piccolo app: every table there is, and where migrations live."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from media.tables import Recording, Upload
from server.core.tables import EventRow, SentMail, StoredReply, TaskStart
from server.hiring.applications.tables import Application, Assignment, Following
from server.hiring.candidates.tables import Candidate, CandidateLink, CandidateSession
from server.hiring.conversations.tables import Mention, Message, MessageTemplate, Note
from server.hiring.flow.tables import FlowTemplate, Stage, StageRun
from server.hiring.interviews.tables import Answer, Captions, Take
from server.hiring.jobs.tables import Criterion, Job, Question
from server.hiring.listing.tables import SavedViewRow
from server.hiring.meetings.tables import Meeting, MeetingMember
from server.hiring.monitoring.tables import MonitorVisit
from server.hiring.notifications.tables import JobHearing, Notice
from server.hiring.profiles.tables import (
    CandidateApart,
    CandidateFile,
    CandidateMerge,
    CandidateTag,
    CustomField,
    FieldValue,
    MergedTag,
    Tag,
)
from server.hiring.scorecards.tables import Scorecard
from server.hiring.transfers.tables import CandidateImport
from server.hiring.workspaces.tables import (
    Account,
    Invitation,
    Member,
    PasswordReset,
    SetupLink,
    SignIn,
    Workspace,
)

APP_CONFIG = AppConfig(
    app_name="greenroom",
    migrations_folder_path=str(Path(__file__).resolve().parents[1] / "migrations"),
    table_classes=[
        EventRow,
        StoredReply,
        SentMail,
        TaskStart,
        Account,
        Workspace,
        Member,
        SignIn,
        Invitation,
        PasswordReset,
        SetupLink,
        Job,
        Question,
        Criterion,
        Stage,
        FlowTemplate,
        StageRun,
        Candidate,
        CandidateLink,
        CandidateSession,
        Application,
        Assignment,
        Following,
        Note,
        Message,
        Mention,
        MessageTemplate,
        Scorecard,
        Meeting,
        MeetingMember,
        Answer,
        Captions,
        Take,
        Notice,
        JobHearing,
        MonitorVisit,
        Recording,
        Upload,
        CandidateImport,
        Tag,
        MergedTag,
        CandidateTag,
        CustomField,
        FieldValue,
        CandidateFile,
        CandidateMerge,
        CandidateApart,
        SavedViewRow,
    ],
)
